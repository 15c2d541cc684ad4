import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { redactLog } from './redact-log.js';

// Put together so that no scanner takes them for real ones.
const token = ['ghp', 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789'].join('_');
const keyLines = Array.from({ length: 30 }, (_, i) => `${i}`.padStart(2, '0').repeat(32));
const privateKey = [
  '-----BEGIN RSA PRIVATE ',
  'KEY-----\n',
  keyLines.join('\n'),
  '\n-----END RSA PRIVATE ',
  'KEY-----',
].join('');
const filler = (chars: number) =>
  'npm info run ok, all is well, nothing to see here\n'.repeat(Math.ceil(chars / 50)).slice(-chars);

const redact = async (text: string) => {
  const bytes = Buffer.from(text);
  const result = await redactLog({ gzip: gzipSync(bytes), bytes: bytes.length, truncated: true });
  return { ...result, text: gunzipSync(result.gzip).toString() };
};

describe('redactLog', () => {
  it('masks a secret and leaves everything else, byte by byte', async () => {
    const log = `\uFEFFÜnïcödé ✓ 🎉\r\nexport TOKEN=${token}\r\n\r\nlast line without an end`;
    const { text, bytes, truncated } = await redact(log);
    expect(text).toBe(log.replace(token, /TOKEN=(\S+)/.exec(text)![1]!));
    expect(text).not.toContain(token.slice(4));
    expect({ bytes, truncated }).toEqual({ bytes: Buffer.byteLength(text), truncated: true });
  });

  it('changes nothing when redacting once more', async () => {
    const once = await redact(`a ${token}\n${privateKey}\nb\n`);
    expect((await redact(once.text)).text).toBe(once.text);
  });

  it('masks secrets wherever the pieces it works in are cut', async () => {
    // A piece is 1 MiB: the secret is moved over the seam in steps.
    for (const before of [1_048_400, 1_048_560, 1_048_576, 1_048_600]) {
      const { text } = await redact(`${filler(before)}TOKEN=${token}\n${filler(100)}`);
      expect(text).not.toContain(token.slice(0, 20));
      expect(text).not.toContain(token.slice(-20));
    }
  });

  it('masks a private key that spans the seam of two pieces', async () => {
    for (const before of [1_046_000, 1_047_000, 1_048_000]) {
      const { text } = await redact(`${filler(before)}${privateKey}\n${filler(5_000)}`);
      for (const line of keyLines) expect(text).not.toContain(line);
      expect(text.split('\n')).toHaveLength(
        `${filler(before)}${privateKey}\n${filler(5_000)}`.split('\n').length,
      );
    }
  });

  it('takes a line longer than a piece', async () => {
    const { text } = await redact(`${'word '.repeat(1_200_000)}${token} end\n`);
    expect(text.length).toBeGreaterThan(5_900_000);
    expect(text).not.toContain(token);
  });

  it('fails on a log that was cut', async () => {
    const gzip = gzipSync('x'.repeat(10_000)).subarray(0, 20);
    await expect(redactLog({ gzip, bytes: 10_000, truncated: false })).rejects.toThrow(/unexpected end/);
  });
});
