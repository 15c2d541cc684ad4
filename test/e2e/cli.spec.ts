import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDataDir } from '../support/fresh-data-dir.js';
import { runCli } from '../support/cli.js';
import { nodeArguments } from '../support/product-process.js';
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

async function cli(args: string[], input?: string, env: Record<string, string> = {}, cwd = folder) {
  const outcome = await runCli(args, { env, cwd, ...(input !== undefined && { input }) });
  return {
    ...outcome,
    rows: outcome.stdout
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

describe('keys', () => {
  it.each([['list'], ['revoke', 'some-id']])(
    '%s makes no database where there is none',
    async (...command) => {
      const { code, stderr } = await cli(['keys', ...command], undefined, { DATA_DIR: 'nowhere' });
      expect(code).toBe(1);
      expect(stderr).toContain(join(folder, 'nowhere'));
      expect(stderr).toContain('DATA_DIR');
      expect(existsSync(join(folder, 'nowhere'))).toBe(false);
    },
  );
});

describe('demo --log', () => {
  it.each([
    ['missing.log', /missing\.log: .*no such file/],
    ['binary.log', /binary\.log: .*binary/i],
    ['.', /folder/],
  ])('says what is wrong with %s before anything starts', async (file, message) => {
    const { code, stdout, stderr } = await cli(['demo', '--exit', '--port', '0', '--log', file]);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('    at ');
    expect(stdout).toBe('');
  });

  it('does not count the log of a job that passed as diagnosed, nor read the .env around it', async () => {
    const around = join(folder, 'around');
    await mkdir(around);
    await writeFile(join(around, '.env'), 'DATABASE_URL=not-a-database\n');
    const { code, stdout } = await cli(
      ['demo', '--exit', '--port', '0', '--log', join(folder, 'passed.log')],
      undefined,
      {},
      around,
    );
    expect(code).toBe(0);
    expect(stdout).toContain('0 of 1 failures diagnosed, 1 without enough evidence in the log');
  }, 120_000);
});

const start = async (cwd: string, env: Record<string, string>) => {
  const child = spawn(process.execPath, nodeArguments('standalone'), {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdout.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
};

describe('start-up', () => {
  it('names every wrong variable and starts nothing', async () => {
    const { code, stderr } = await start(folder, { PORT: 'eighty', LLM_PROVIDER: 'vllm' });
    expect(code).toBe(1);
    expect(stderr).toContain('PORT');
    expect(stderr).not.toContain('    at ');
  });

  it('reads .env in its working directory behind the environment, and not under a test', async () => {
    const cwd = join(folder, 'configured');
    await mkdir(cwd);
    await writeFile(join(cwd, '.env'), 'PORT=eighty\nLOG_LEVEL=loud\n');
    const { code, stderr } = await start(cwd, { LOG_LEVEL: 'silent' });
    expect(code).toBe(1);
    expect(stderr).toContain('PORT');
    expect(stderr).not.toContain('LOG_LEVEL');
    const tested = await start(cwd, { NODE_ENV: 'test', HTTP_BODY_LIMIT_BYTES: 'much' });
    expect(tested.stderr).toContain('HTTP_BODY_LIMIT_BYTES');
    expect(tested.stderr).not.toContain('PORT');
  }, 60_000);

  it('says which port is in use and what to do, without a stack', async () => {
    const dataDir = await freshDataDir();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await start(folder, {
      PORT: String(port),
      DATA_DIR: dataDir.path,
      LOG_LEVEL: 'warn',
    });
    other.close();
    await dataDir.remove();
    expect(code).toBe(1);
    expect(stderr.trim()).toBe(
      `Can't listen on 127.0.0.1, port ${port}: another program listens there. End that program, or set PORT to another port.`,
    );
  }, 90_000);
});
