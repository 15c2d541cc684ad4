import { describe, expect, it } from 'vitest';
import { zipped } from '../stand-in/zipped.js';
import { ARCHIVE_LIMITS, RunArchive, type ArchiveLimits } from './run-archive.js';

async function* one(bytes: Uint8Array) {
  yield bytes;
}

const read = async (log: AsyncIterable<Uint8Array>) => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of log) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

describe('RunArchive', () => {
  const files = ['a', 'b', 'c'].map((name, i) => ({
    name: `${i}_${name}.txt`,
    content: Buffer.from(`log of ${name}\n`),
  }));
  const receive = (limits: Partial<ArchiveLimits> = {}) =>
    RunArchive.receive(one(zipped(files)), 'archive', { ...ARCHIVE_LIMITS, ...limits });

  it.each([
    [{ maxEntries: 2 }, /more than 2 files/],
    [{ maxBytes: 100 }, /larger than 100 bytes/],
  ])('keeps to %j', async (limits, reason) => {
    await expect(receive(limits)).rejects.toMatchObject({
      code: 'github_log_refused',
      message: expect.stringMatching(reason),
    });
  });

  it('refuses a log that is longer than is read', async () => {
    const archive = await receive({ maxUnpackedBytes: 8 });
    await expect(archive.read('a', read)).rejects.toMatchObject({ code: 'github_log_refused' });
    await archive.close();
  });

  it('is read to the end by whoever reads when it is closed', async () => {
    const archive = await receive();
    const reading = archive.read('b', async (log) => {
      await archive.close();
      return read(log);
    });
    expect([await reading, archive.isClosed]).toEqual(['log of b\n', true]);
  });
});
