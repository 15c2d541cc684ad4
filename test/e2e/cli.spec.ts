import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entryOf } from '../support/product-process.js';
import { failingLog } from '../support/running-product.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devflowfix-cli-'));
  await writeFile(join(folder, 'failed.log'), failingLog());
  await writeFile(
    join(folder, 'passed.log'),
    '2026-05-04T12:10:10.1234567Z ##[group]Run npm test\n2026-05-04T12:10:11.0000000Z ##[endgroup]\n2026-05-04T12:10:12.0000000Z 12 tests passed\n',
  );
  await writeFile(join(folder, 'empty.log'), '');
  await writeFile(
    join(folder, 'binary.log'),
    Buffer.from(Array.from({ length: 4_000 }, (_, index) => (index * 7) % 32)),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function cli(args: string[], input?: string) {
  // An empty environment: the command needs no server, no database, no network.
  const child = spawn(process.execPath, [entryOf('cli'), ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined).end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return {
    code,
    stdout,
    stderr,
    rows: stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('analyze', () => {
  it('prints the diagnosis for people', async () => {
    const { code, stdout } = await cli(['analyze', 'failed.log']);
    expect(code).toBe(0);
    expect(stdout).toContain('compile_error');
    expect(stdout).toContain('TS2322');
    expect(stdout).toMatch(/\b7 \| /);
  });

  it('prints one JSON object a line with every field', async () => {
    const { rows } = await cli(['analyze', '--json', 'failed.log', 'passed.log']);
    expect(rows).toHaveLength(2);
    expect(Object.keys(rows[0]!).toSorted()).toEqual(
      [
        'file',
        'failed',
        'category',
        'subcategory',
        'confidence',
        'determinism',
        'primary',
        'evidence',
        'excerpt',
        'fingerprint',
        'signature',
        'rootCause',
        'suggestion',
        'ms',
      ].toSorted(),
    );
    expect(rows[0]).toMatchObject({
      file: 'failed.log',
      failed: true,
      category: 'compile_error',
      primary: { line: 7 },
    });
    expect(rows[1]).toMatchObject({ failed: false, category: null, rootCause: null });
  });

  it('reads standard input', async () => {
    const { rows } = await cli(['analyze', '--json', '-'], failingLog());
    expect(rows[0]).toMatchObject({ file: '-', failed: true });
  });

  it('keeps the excerpt within the limits it is given', async () => {
    const { rows } = await cli(['analyze', '--json', '--max-lines', '2', '--max-chars', '200', 'failed.log']);
    const excerpt = rows[0]!['excerpt'] as string;
    expect(excerpt.split('\n').length).toBeLessThanOrEqual(2);
    expect(excerpt.length).toBeLessThanOrEqual(200);
    expect(excerpt).toContain('TS2322');
  });

  it.each([
    ['missing.log', /no such file/],
    ['empty.log', /empty/i],
    ['binary.log', /binary/i],
    ['.', /folder/],
  ])('says what is wrong with %s and still answers the others', async (file, message) => {
    const { code, stderr, rows } = await cli(['analyze', '--json', file, 'failed.log']);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('    at ');
    expect(rows).toHaveLength(2);
    expect(rows[1]).toMatchObject({ failed: true });
  });

  it('refuses limits that are none', async () => {
    const { code, stderr } = await cli(['analyze', '--max-lines', 'many', 'failed.log']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('many');
  });
});

describe('start-up', () => {
  it('names every wrong variable and starts nothing', async () => {
    const child = spawn(process.execPath, [entryOf('standalone')], {
      cwd: folder,
      env: { PATH: process.env['PATH'], PORT: 'eighty', LLM_PROVIDER: 'vllm' },
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(1);
    expect(stderr).toContain('PORT');
    expect(stderr).not.toContain('    at ');
  });
});
