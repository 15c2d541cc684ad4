const MB = 1_000_000;
const CHUNK_BYTES = 65_536;

/** About a megabyte in the proportions of real jobs: mostly progress, some warnings, few errors, colours, URLs. */
export function sampleLog(): Buffer {
  const lines: string[] = ['##[group]Run npm ci && npm test', 'npm ci && npm test', '##[endgroup]'];
  for (let i = 0; lines.length < 12_000; i += 1) {
    lines.push(
      `npm http fetch GET 200 https://registry.example.org/left-pad/-/left-pad-1.${i % 90}.${i % 7}.tgz ${i % 400}ms (cache miss)`,
      `\u001b[32m  ✓\u001b[39m src/services/order-${i % 300}.spec.ts > OrderService > adds up item ${i}  ${i % 50}ms`,
      `[INFO] Compiling module ${i} of 9000: com.example.app.module${i % 120}`,
      `   Compiling serde_derive v1.0.${i % 200} (/home/runner/work/app/app/crates/part-${i % 40})`,
      `2024-05-01 10:00:${String(i % 60).padStart(2, '0')},123 DEBUG worker-${i % 8} handled request ${i * 7919} in ${i % 90} ms`,
      `drwxr-xr-x 2 runner docker 4096 May  1 10:00 dist/assets/chunk-${(i * 2_654_435_761) % 4_294_967_296}.js`,
    );
    if (i % 40 === 0)
      lines.push(
        `##[warning]npm warn deprecated glob@7.${i % 9}.0: versions prior to v9 are no longer supported`,
      );
    if (i % 500 === 499)
      lines.push(`src/app-${i}.ts(${i},5): error TS2322: Type 'string' is not assignable to type 'number'.`);
  }
  return Buffer.from(lines.map((line) => `2024-05-01T10:00:00.1234567Z ${line}\n`).join(''));
}

/** A sample over and over, a piece at a time: nothing of it is held twice. */
export function* stream(sample: Buffer, totalBytes: number): Iterable<Uint8Array> {
  for (let sent = 0; sent < totalBytes;) {
    for (let at = 0; at < sample.length && sent < totalBytes; at += CHUNK_BYTES) {
      const chunk = sample.subarray(at, Math.min(at + CHUNK_BYTES, sample.length, at + totalBytes - sent));
      sent += chunk.length;
      yield chunk;
    }
  }
}

function* lines(count: number, lineOf: (i: number) => string): Iterable<Uint8Array> {
  for (let i = 0; i < count;) {
    let text = '';
    for (; i < count && text.length < CHUNK_BYTES; i += 1) text += `${lineOf(i)}\n`;
    yield Buffer.from(text);
  }
}

function* endlessLine(totalBytes: number): Iterable<Uint8Array> {
  const chunk = Buffer.alloc(CHUNK_BYTES, 'abc def ');
  for (let sent = 0; sent < totalBytes; sent += chunk.length) yield chunk;
  yield Buffer.from('\nERROR: the end\n');
}

function* mixedEncodings(totalBytes: number): Iterable<Uint8Array> {
  yield Buffer.from('all is well\n'.repeat(1_000));
  const parts = ['größer als üblich: ERROR: falsch\n', 'nothing special here\n'];
  const chunk = Buffer.concat([
    ...parts.map((part) => Buffer.from(part, 'latin1')),
    ...parts.map((part) => Buffer.from(part, 'utf8')),
    ...parts.map((part) => Buffer.from(part, 'utf16le')),
    Buffer.from([0xff, 0xfe, 0x80, 0xc3, 10]),
  ]);
  for (let sent = 0; sent < totalBytes; sent += chunk.length) yield chunk;
}

const word = (i: number) => ((i * 2_654_435_761) % 4_294_967_296).toString(36);

/** Inputs that tempt a reader to hold more and more. */
export const MEMORY_CASES: Readonly<Record<string, (totalMb: number) => Iterable<Uint8Array>>> = {
  'a long log': (totalMb) => stream(sampleLog(), totalMb * MB),
  'one line of 100 MB': () => endlessLine(100 * MB),
  'a million lines alike': () => lines(1_000_000, () => "src/a.ts(1,2): error TS2322: Type 'x' is none."),
  'two million errors': () =>
    lines(2_000_000, (i) => `src/${word(i)}.ts(${i},5): error TS2322: Type '${word(i * 3)}' is none.`),
  'errors of 30 kB': () => lines(10_000, (i) => `ERROR: ${word(i)} ${'lorem ipsum '.repeat(2_500)}`),
  'a million steps': () =>
    lines(2_000_000, (i) => (i % 2 === 0 ? `##[group]Run ${word(i)}` : `##[error]${word(i)} failed`)),
  'null bytes': () =>
    lines(1_000_000, (i) => `step ${word(i)} of the build, error: \0 ${word(i)} is not there`),
  'mixed encodings': () => mixedEncodings(100 * MB),
};
