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
  const result = await redactLog({
    gzip: gzipSync(bytes),
    bytes: bytes.length,
    truncated: true,
    redactions: 0,
  });
  return { ...result, text: gunzipSync(result.gzip).toString() };
};

describe('redactLog', () => {
  it('masks a secret and leaves everything else, byte by byte, but for the byte order mark', async () => {
    const log = `\uFEFFÜnïcödé ✓ 🎉\r\nexport TOKEN=${token}\r\n\r\nlast line without an end`;
    const { text, bytes, truncated, redactions } = await redact(log);
    expect(text).toBe(log.slice(1).replace(token, /TOKEN=(\S+)/.exec(text)![1]!));
    expect(text).not.toContain(token.slice(4));
    expect({ bytes, truncated, redactions }).toEqual({
      bytes: Buffer.byteLength(text),
      truncated: true,
      redactions: 1,
    });
  });

  it('changes nothing when redacting once more', async () => {
    const once = await redact(`a ${token}\n${privateKey}\nb\n`);
    expect((await redact(once.text)).text).toBe(once.text);
  });

  it('masks secrets wherever the stream is cut', async () => {
    // The stream comes in chunks of 16 KiB: the secret is moved over the seam in steps.
    for (let before = 16_384 - 60; before <= 16_384 + 4; before += 4) {
      const { text } = await redact(`${filler(before)}TOKEN=${token}\n${filler(100)}`);
      expect(text).not.toContain(token.slice(0, 20));
      expect(text).not.toContain(token.slice(-20));
    }
  });

  it('masks a private key longer than any chunk, timestamps kept', async () => {
    const stamp = '2026-05-04T10:11:12.1234567Z ';
    const body = Array.from({ length: 4_000 }, (_, i) => `${i}`.padStart(4, '0').repeat(16));
    const key = [
      '-----BEGIN PRIVATE ',
      'KEY-----\n',
      body.join('\n'),
      '\nQUJD\n-----END PRIVATE ',
      'KEY-----',
    ];
    const log = `start\n${key.join('')}\nafterwards`.replaceAll(/^/gm, stamp);
    const { text } = await redact(log);
    expect(text).not.toMatch(/QUJD|\d{32}/);
    expect(text.split('\n')).toHaveLength(log.split('\n').length);
    expect(text.split('\n').every((line) => line.startsWith(stamp))).toBe(true);
    expect(text).toMatch(/Z afterwards$/);
  });

  it('masks the rest of a key whose beginning was left out of a shortened log', async () => {
    const { text } = await redact(
      `head\n[devflowfix] 4711 bytes of the log left out here\n${keyLines.join('\n')}\n-----END RSA PRIVATE KEY-----\nnpm test\n`,
    );
    for (const line of keyLines) expect(text).not.toContain(line);
    expect(text).toContain('\nnpm test\n');
  });

  it('takes a line of any length', async () => {
    const { text } = await redact(`${'word '.repeat(1_200_000)}${token} end\n`);
    expect(text.length).toBeGreaterThan(5_900_000);
    expect(text).not.toContain(token);
  });

  it('fails on a log that was cut', async () => {
    const gzip = gzipSync('x'.repeat(10_000)).subarray(0, 20);
    await expect(redactLog({ gzip, bytes: 10_000, truncated: false, redactions: 0 })).rejects.toThrow(
      /unexpected end/,
    );
  });
});
