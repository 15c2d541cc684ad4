import { createHash } from 'node:crypto';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { UnreadableLog } from '@app/domain';
import { analyzeLog } from '../analyze-log.js';
import type { LogSource } from './byte-source.js';

const ERROR = "src/app.ts(12,5): error TS2322: Type 'string' is not assignable to type 'number'.";
const TIME = '2024-05-01T10:00:00.0000000Z ';

/** What analysis and archive make of a log. */
async function read(source: LogSource) {
  let text = '';
  const analysis = await analyzeLog(source, { onText: (chunk) => void (text += chunk) });
  return { analysis, text };
}

interface ZipFile {
  readonly name: string;
  readonly content: string | Buffer;
  /** What the archive's directory says of its size, when that is a lie. */
  readonly claimedSize?: number;
}

function zip(files: readonly ZipFile[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, claimedSize } of files) {
    const bytes = Buffer.from(content as string);
    const packed = deflateRawSync(bytes);
    const size = claimedSize ?? bytes.length;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(crc32(bytes), 14);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(size, 22);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    local.copy(central, 6, 4, 30);
    central.writeUInt32LE(offset, 42);
    bodies.push(local, Buffer.from(name), packed);
    directory.push(central, Buffer.from(name));
    offset += 30 + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, ...directory, end]);
}

describe('formats', () => {
  it.each([
    [
      'gha-raw',
      `\ufeff${TIME}##[group]Run tsc\n${TIME}##[endgroup]\n${TIME}${ERROR}\n${TIME}##[error]Process completed with exit code 2.\n`,
      3,
    ],
    [
      'gh-run-view',
      `build\tRun tsc\t\ufeff${TIME}##[group]Run tsc\nbuild\tRun tsc\t${TIME}##[endgroup]\nbuild\tRun tsc\t${TIME}${ERROR}\nbuild\tRun tsc\t${TIME}##[error]Process completed with exit code 2.\n`,
      3,
    ],
    [
      'travis',
      `Using worker: w\ntravis_fold:start:install\r\u001b[0K$ npm ci\ntravis_fold:end:install\r\u001b[0K$ tsc\n${ERROR}\nThe command "tsc" exited with 2.\nDone. Your build exited with 1.\n`,
      4,
    ],
    [
      'gitlab',
      `Running with gitlab-runner 16.0\nsection_start:1700000000:step_script\r\u001b[0K\u001b[0;m$ tsc\n${ERROR}\nERROR: Job failed: exit code 2\n`,
      3,
    ],
    [
      'buildkite',
      `~~~ Running commands\n\u001b_bk;t=1700000000000\u0007$ tsc\n\u001b_bk;t=1700000000001\u0007${ERROR}\n🚨 Error: The command exited with status 2\n`,
      3,
    ],
    [
      'taskcluster',
      `[taskcluster 2024-05-01 10:00:00.000Z] Task ID: abc\n[task 2024-05-01T10:00:01.000Z] ${ERROR}\n[taskcluster 2024-05-01 10:00:02.000Z] === Task Finished ===\n[taskcluster 2024-05-01 10:00:02.000Z] Unsuccessful task run with exit code: 2 completed in 2 seconds\n`,
      2,
    ],
    ['plain', `$ tsc\n${ERROR}\n`, 2],
  ])('%s is told, and its lines keep their numbers', async (format, log, line) => {
    const { analysis } = await read(log);
    expect(analysis).toMatchObject({ format, failed: true, lines: log.split('\n').length - 1 });
    expect(analysis.primary?.line).toBe(line);
    expect(analysis.primary?.text).toContain(ERROR);
  });

  it.each([
    ['CRLF', `a\r\nb\r\n${ERROR}\r\nend\r\n`, `a\nb\n${ERROR}\nend\n`],
    ['a progress bar', `  1%\r 50%\r100%\nb\n${ERROR}\n`, `100%\nb\n${ERROR}\n`],
    [
      'colours',
      `a\nb\n\u001b[1;31msrc/app.ts\u001b[0m(12,5): \u001b[91merror\u001b[0m TS2322: Type 'string' is not assignable to type 'number'.\n`,
      `a\nb\n${ERROR}\n`,
    ],
    ['a percentage drawn over', `  1%\b\b\b\b 50%\b\b\b\b100%\nb\n${ERROR}\n`, `100%\nb\n${ERROR}\n`],
    ['bold type', `a\nN\bNA\bAM\bME\bE\n${ERROR}\n`, `a\nNAME\n${ERROR}\n`],
    ['a spinner', `|\b/\b-\b\\\b \ba\nb\n${ERROR}\n`, `a\nb\n${ERROR}\n`],
    ['cursor moves as text', `a^[[0K\n^[[1;31m^[[?25lb^[[m\n${ERROR}\n`, `a\nb\n${ERROR}\n`],
    ['colours as text', `a\nb\n^[[31m${ERROR}^[[0m\n`, `a\nb\n${ERROR}\n`],
    ['a window title', `a\n\u001b]0;npm\u0007b\n${ERROR}\n`, `a\nb\n${ERROR}\n`],
    ['null bytes', `a\u0000\n\u0000b\n${ERROR}\u0000\n`, `a\nb\n${ERROR}\n`],
    ['no end of the last line', `a\nb\n${ERROR}\r`, `a\nb\n${ERROR}`],
  ])('%s: cleaned, on line 3', async (_, log, clean) => {
    const { analysis, text } = await read(log);
    expect(text).toBe(clean);
    expect(analysis.primary).toEqual({ line: 3, text: ERROR });
  });

  it('reads what is not UTF-8 around the lines that are', async () => {
    const log = Buffer.concat([
      Buffer.from([0xff, 0x80, 0xc3, 10, 0xe2, 0x82, 10]),
      Buffer.from(`${ERROR}\n`),
      Buffer.from([0xf0, 0x9f]),
    ]);
    const { analysis, text } = await read(log);
    expect(analysis.primary).toEqual({ line: 3, text: ERROR });
    expect(text.split('\n')).toHaveLength(4);
  });

  it.each(['utf-16le', 'utf-16be'])('reads %s', async (encoding) => {
    const bytes = Buffer.from(`\ufeffa\nb é\n${ERROR}\n`, 'utf16le');
    if (encoding === 'utf-16be') bytes.swap16();
    const { analysis } = await read(bytes);
    expect(analysis.primary).toEqual({ line: 3, text: ERROR });
  });

  it('reads a log cut off in the middle of a line', async () => {
    const { analysis } = await read(
      `${TIME}##[group]Run tsc\n${TIME}##[endgroup]\n${TIME}${ERROR}\n${TIME}##[err`,
    );
    expect(analysis).toMatchObject({ failed: true, lines: 4, primary: { line: 3, text: ERROR } });
  });
});

const sha256 = (seed: number) => createHash('sha256').update(`${seed}`).digest();

describe('bad input', () => {
  it.each([
    ['nothing', ''],
    ['no chunks', []],
    ['empty chunks', [new Uint8Array(0), new Uint8Array(0)]],
    ['blank lines', '\n \n\t\n'],
    ['an image', Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7919) % 32))],
    ['a damaged gzip', Buffer.from([0x1f, 0x8b, 1, 2, 3, 4])],
    ['a damaged zip', Buffer.from('PK\u0003\u0004 and no more')],
    ['a zip without logs', zip([{ name: 'build/report.xml', content: '<a/>' }])],
    ['random bytes', Buffer.from(Array.from({ length: 64 }, (_, i) => [...sha256(i)]).flat())],
    ['binary text', '\u0001\u0002\u0003\u0004'.repeat(100)],
  ])('%s is refused with a word why', async (_, source) => {
    await expect(analyzeLog(source)).rejects.toBeInstanceOf(UnreadableLog);
  });

  it('refuses a zip bomb by what its directory says', async () => {
    const bomb = zip([{ name: '0_build.txt', content: Buffer.alloc(40_000_000, 'a') }]);
    await expect(analyzeLog(bomb)).rejects.toBeInstanceOf(UnreadableLog);
  });

  it('refuses a zip bomb whose directory lies', async () => {
    const bomb = zip([{ name: '0_build.txt', content: Buffer.alloc(40_000_000, 'a'), claimedSize: 1_000 }]);
    await expect(analyzeLog(bomb)).rejects.toBeInstanceOf(UnreadableLog);
  });

  it('reads what arrived of a gzip cut short', async () => {
    const noise = Array.from(
      { length: 20_000 },
      (_, i) => `line ${(i * 2_654_435_761) % 4_294_967_296}`,
    ).join('\n');
    const packed = gzipSync(`${ERROR}\n${noise}`);
    const { analysis } = await read(packed.subarray(0, packed.length / 2));
    expect(analysis.primary?.text).toBe(ERROR);
  });

  it.each([
    ['plain', (text: string) => Buffer.from(text)],
    ['gzip', (text: string) => gzipSync(text)],
  ])('passes on the failure of a %s source', async (_, pack) => {
    const lost = new Error('connection lost');
    const bytes = pack(`${ERROR}\n${'x\n'.repeat(10_000)}`);
    async function* source() {
      yield bytes.subarray(0, bytes.length / 2);
      throw lost;
    }
    await expect(analyzeLog(source())).rejects.toBe(lost);
  });

  it('stops when the caller gives up, and closes the source', async () => {
    let closed = false;
    async function* endless() {
      try {
        for (;;) yield Buffer.from('all is well\n'.repeat(10_000));
      } finally {
        closed = true;
      }
    }
    const signal = AbortSignal.timeout(50);
    await expect(analyzeLog(endless(), { signal })).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(closed).toBe(true);
  });
});

describe('archives', () => {
  it('puts the files of the steps together in their order', async () => {
    const files = [
      { name: 'build/10_Last.txt', content: `${TIME}##[error]Process completed with exit code 2.` },
      { name: 'build/2_Build.txt', content: `${TIME}${ERROR}\n` },
      { name: 'build/1_Set up job.txt', content: `\ufeff${TIME}hello` },
    ];
    const { analysis, text } = await read(zip(files));
    expect(text.split('\n').filter((line) => line !== '')).toEqual([
      `${TIME}hello`,
      `${TIME}${ERROR}`,
      `${TIME}##[error]Process completed with exit code 2.`,
    ]);
    expect(analysis).toMatchObject({ format: 'gha-archive', lines: 3, primary: { line: 2, text: ERROR } });
  });

  it('reads every job once', async () => {
    const { text } = await read(
      zip([
        { name: '0_build.txt', content: `${ERROR}\n` },
        { name: 'build/1_Build.txt', content: `${ERROR}\n` },
      ]),
    );
    expect(text).toBe(`${ERROR}\n`);
  });

  const EXIT = `${TIME}##[error]Process completed with exit code 1.\n`;
  const fine = (command: string) => `${TIME}##[group]Run ${command}\n${TIME}##[endgroup]\n${TIME}done\n`;

  it('tells the jobs apart: the failed one decides, not a sibling that was cancelled for it', async () => {
    const { analysis } = await read(
      zip([
        {
          name: '0_build (20).txt',
          content: `${fine('npm ci')}${TIME}##[error]The operation was canceled.\n`,
        },
        { name: '1_build (22).txt', content: `${fine('tsc')}${TIME}${ERROR}\n${EXIT}` },
        { name: '2_docs.txt', content: fine('typedoc') },
      ]),
    );
    expect(analysis.primary).toEqual({ line: 8, text: ERROR });
    expect(analysis.failedStep).toBe('tsc');
  });

  it('names the steps after their files', async () => {
    const { analysis } = await read(
      zip([
        { name: 'lint/2_Lint.txt', content: fine('eslint .') },
        { name: 'build/1_Set up job.txt', content: '' },
        { name: 'build/2_Check types.txt', content: `${fine('tsc')}${TIME}${ERROR}\n${EXIT.trimEnd()}` },
        { name: 'build/3_Upload.txt', content: `${fine('upload')}${TIME}##[error]No files were found.\n` },
      ]),
    );
    expect(analysis.failedStep).toBe('Check types');
    expect(analysis.primary).toEqual({ line: 4, text: ERROR });
  });

  it('reads gzip, of several members too', async () => {
    const { analysis } = await read(Buffer.concat([gzipSync('a\nb\n'), gzipSync(`${ERROR}\n`)]));
    expect(analysis.primary).toEqual({ line: 3, text: ERROR });
  });
});

describe('size', () => {
  it('reads a line of 100 MB in bounded memory, and the error below it', { timeout: 30_000 }, async () => {
    function* source() {
      const chunk = Buffer.alloc(1_000_000, 'abc def ');
      for (let i = 0; i < 100; i += 1) yield chunk;
      yield Buffer.from(`\n${ERROR}\n`);
    }
    const { analysis, text } = await read(source());
    expect(analysis).toMatchObject({
      lines: 2,
      bytes: 100_000_000 + ERROR.length + 2,
      primary: { line: 2, text: ERROR },
    });
    expect(text.length).toBeLessThan(40_000);
    expect(text).toContain('bytes left out]');
  });

  it('reads a million identical lines, errors too, and keeps few', { timeout: 90_000 }, async () => {
    function* source() {
      const chunk = Buffer.from(`${ERROR}\n`.repeat(1_000));
      for (let i = 0; i < 1_000; i += 1) yield chunk;
    }
    const analysis = await analyzeLog(source());
    expect(analysis.lines).toBe(1_000_000);
    expect(analysis.primary).toEqual({ line: 1, text: ERROR });
    expect(JSON.stringify(analysis).length).toBeLessThan(100_000);
  });

  it('shows no half of a secret where a long line is cut', async () => {
    const secret = `ghp_${'A1b2C3d4'.repeat(4)}zzzz`;
    for (let before = 32_768 - 45; before <= 32_768; before += 5) {
      const { text } = await read(`${'x'.repeat(before - 1)} ${secret} tail\n`);
      expect(text).not.toContain('A1b2C3d4');
      expect(text.length).toBeGreaterThan(30_000);
    }
  });
});

/** Pieces of lines that every format and clean-up meets. */
const PIECES = [
  ERROR,
  TIME,
  '##[group]Run npm test',
  '##[endgroup]',
  '##[error]Process completed with exit code 1.',
  '\n',
  '\r\n',
  '\r',
  '\u001b[31m',
  '^[[0m',
  'é€😀',
  '\ufeff',
  'build\tstep\t',
  'AssertionError: expected 1 to equal 2',
  'token=aB3dE5fG7hI9',
  '-----BEGIN PRIVATE KEY-----',
  'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw',
  '\u0000',
  'x'.repeat(40_000),
  'travis_fold:start:a',
  ' ',
];
const logs = fc
  .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 40 })
  .map((parts) => Buffer.from(`${'all is well\n'.repeat(30)}${parts.join('')}`));

describe('a log in any chunks', () => {
  it('gives one answer and one text, with the line breaks of the input', { timeout: 30_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(logs, fc.array(fc.nat(), { maxLength: 12 }), async (log, cuts) => {
        const places = [...new Set(cuts.map((cut) => cut % log.length))].toSorted((a, b) => a - b);
        const chunks = [...places, log.length].map((end, i) => log.subarray(places[i - 1] ?? 0, end));
        const whole = await read(log);
        expect(await read(chunks)).toEqual(whole);
        expect(await read(Readable.from(chunks))).toEqual(whole);
        expect(whole.text.split('\n').length).toBe(log.toString('latin1').split('\n').length);
        // eslint-disable-next-line no-control-regex
        expect(whole.text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\ufeff]/);
      }),
      { numRuns: 120 },
    );
  });

  it('byte by byte too', async () => {
    const log = Buffer.from(`\ufeff${TIME}##[group]Run tsc\r\n${TIME}é€😀\r\n${TIME}${ERROR}\r\n`);
    expect(await read(Array.from(log, (byte) => Uint8Array.of(byte)))).toEqual(await read(log));
    expect(await read(log.toString('utf8'))).toEqual(await read(log));
  });
});

describe('onText', () => {
  it('is awaited: no more is read than a slow archive has taken', { timeout: 30_000 }, async () => {
    let produced = 0;
    let taken = 0;
    let ahead = 0;
    function* source() {
      for (let i = 0; i < 60; i += 1) {
        const chunk = Buffer.from('all is well here\n'.repeat(4_000));
        produced += chunk.length;
        ahead = Math.max(ahead, produced - taken);
        yield chunk;
      }
    }
    let running = 0;
    await analyzeLog(source(), {
      onText: async (chunk) => {
        running += 1;
        expect(running).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        taken += chunk.length;
        running -= 1;
      },
    });
    expect(taken).toBe(produced);
    expect(ahead).toBeLessThan(2_000_000);
  });

  it('that fails ends the analysis', async () => {
    const full = new Error('disk full');
    await expect(analyzeLog('a\n', { onText: () => Promise.reject(full) })).rejects.toBe(full);
  });
});
