import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createServer, connect, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { loadConfig } from '@app/config';
import { backUp, moveToServer, openPersistence, restore, type Persistence } from '@app/persistence';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withCopyInUse } from '../../../libs/persistence/src/transfer/copy-embedded.js';
import { failedJob } from '../../contracts/persistence/fixtures.js';
import { givenServer } from '../../support/fresh-store.js';
import { createServerDatabase, type ServerDatabase } from '../../support/server-database.js';
import { freshDataDir, type FreshDataDir } from '../../support/fresh-data-dir.js';
import { seedEveryTable } from '../../support/seed-every-table.js';
import { EmbeddedServer } from './embedded-server.js';

const configOf = (dataDir: string) => loadConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' });
/** What is hard to carry over: characters of all kinds, all bytes, the finest numbers. */
const ODD = 'ünï \\ " \' \t \n {,} NULL \u{1f600} \u007f $1';

let source: FreshDataDir;
let scratch: string;
const made: FreshDataDir[] = [];
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'devflowfix-transfer-'));
  source = await freshDataDir();
  const persistence = await openPersistence(configOf(source.path));
  try {
    for (let project = 1; project <= 3; project++) await fill(persistence, project);
  } finally {
    await persistence.close();
  }
});
afterAll(async () => {
  await Promise.all([...made, ...(source ? [source] : [])].map((dir) => dir.remove()));
  await rm(scratch, { recursive: true, force: true });
});

/** A row in every table there is, more incidents, and a log of every byte. */
async function fill({ dataSource }: Persistence, project: number): Promise<void> {
  const ids = await seedEveryTable(
    dataSource,
    `${ODD} ${project}`,
    () => ({
      'api_keys.hash': randomUUID(),
      'incidents.outcome_weight': 0.1 + project / 7,
      'migrations.id': 0,
    }),
    ['migrations', ...(project > 1 ? ['agent_states'] : [])],
  );
  await dataSource.query(
    `INSERT INTO incidents (project_id, source, run_id, job_name, pull_requests, status, latest_attempt, occurrences,
       confidence, opened_at, last_failed_at, updated_at, sequence, outbox_at, pattern_id, diagnosis_id)
     SELECT $1, 'github', n, 'job ' || n, ARRAY[n, NULL], 'diagnosed', 1, 1, 1.0 / n,
       now() - n * interval '1.001 s', now(), now(), 1, now(), $2, $3
     FROM generate_series(1000, 1700) n`,
    [ids.get('projects'), ids.get('patterns'), ids.get('diagnoses')],
  );
  await dataSource.query('UPDATE archived_logs SET gzip = $1 WHERE incident_id = $2', [
    Buffer.from(Array.from({ length: 70_000 }, (_, byte) => byte % 256)),
    ids.get('incidents'),
  ]);
}

async function emptyDir(): Promise<FreshDataDir> {
  const dir = await freshDataDir();
  made.push(dir);
  return dir;
}

/** Every row of every table, as text. */
async function contentsOf(dataDir: string): Promise<Record<string, string[]>> {
  const persistence = await openPersistence(configOf(dataDir));
  try {
    const contents: Record<string, string[]> = {};
    const tables = await persistence.dataSource.query<{ name: string }[]>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'`,
    );
    for (const { name } of tables) {
      const rows = await persistence.dataSource.query<{ row: string }[]>(
        `SELECT t::text AS row FROM ${name} t`,
      );
      contents[name] = rows.map(({ row }) => row).toSorted();
    }
    return { ...contents, ...(await rulesOf((sql) => persistence.dataSource.query(sql))) };
  } finally {
    await persistence.close();
  }
}

/** Constraints and indexes, which are taken off and put back. */
async function rulesOf(query: (sql: string) => Promise<{ rule: string }[]>): Promise<{ rules: string[] }> {
  const rules = await query(
    `SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) AS rule FROM pg_constraint
       WHERE connamespace = current_schema()::regnamespace AND contype <> 'n'
     UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema()`,
  );
  return { rules: rules.map(({ rule }) => rule).toSorted() };
}

async function isAlive(dataDir: string): Promise<void> {
  const persistence = await openPersistence(configOf(dataDir));
  try {
    const [opened] = await persistence.incidents.open([failedJob({ runId: 7 })]);
    // Numbers go on after those that came, and foreign keys hold.
    expect(await persistence.incidents.timeline(opened!.incidentId)).toHaveLength(1);
    await expect(
      persistence.dataSource.query(`UPDATE incidents SET project_id = gen_random_uuid() WHERE run_id = 7`),
    ).rejects.toThrow(/foreign key/);
  } finally {
    await persistence.close();
  }
}

describe('a backup', () => {
  let file: string;
  let expected: Record<string, string[]>;
  let counted: number | undefined;
  let keys: number;
  beforeAll(async () => {
    file = join(scratch, 'backup.gz');
    expected = await contentsOf(source.path);
    // Through the process that hosts the database, which goes on with its work.
    const product = await openPersistence(configOf(source.path));
    try {
      const tables = await backUp(configOf(source.path), file);
      counted = tables.get('incidents')?.rows;
      keys = (await product.apiKeys.list()).length;
    } finally {
      await product.close();
    }
  });

  it('is made while the product runs', () => {
    expect(counted).toBe(3 * 702);
    expect(keys).toBe(3);
  });

  it('is read from a copy, beside which the product goes on; a killed one’s is swept up', async () => {
    const dir = await emptyDir();
    const abandoned = await mkdtemp(join(dir.path, 'copy-'));
    await utimes(abandoned, 0, 0);
    const product = await openPersistence(configOf(dir.path));
    const [before] = await product.incidents.open([failedJob({ runId: 1 })]);
    const copied = await withCopyInUse(dir.path, async (copy) => {
      await product.incidents.open([failedJob({ runId: 2 })]);
      const { incidents } = await contentsOf(copy);
      return incidents;
    });
    expect(copied).toHaveLength(1);
    expect(copied![0]).toContain(before!.incidentId);
    await product.close();
    expect((await contentsOf(dir.path))['incidents']).toHaveLength(2);
    expect((await readdir(dir.path)).filter((name) => name.startsWith('copy-'))).toEqual([]);
  });

  it('is for its owner alone, and stands under its name only when it is whole', async () => {
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await expect(backUp(configOf(source.path), join(scratch, 'no such folder', 'x'))).rejects.toThrow(
      /ENOENT/,
    );
    await expect(stat(join(scratch, 'no such folder'))).rejects.toThrow(/ENOENT/);
  });

  it('gives back every row of every table, in place of what was there, which is kept', async () => {
    const dir = await emptyDir();
    await mkdir(join(dir.path, 'restore-killed'));
    const { before } = await restore(configOf(dir.path), file);
    expect(before).toContain('postgres.before-');
    expect((await stat(before!)).isDirectory()).toBe(true);
    expect((await readdir(dir.path)).filter((name) => name.startsWith('restore-'))).toEqual([]);
    // As when it is killed after it has moved aside what was there.
    await rename(join(dir.path, 'postgres'), join(dir.path, 'postgres.next'));
    expect(await contentsOf(dir.path)).toEqual(expected);
    await isAlive(dir.path);
  });

  it('is not restored while the product runs', async () => {
    const dir = await emptyDir();
    const product = await openPersistence(configOf(dir.path));
    try {
      await expect(restore(configOf(dir.path), file)).rejects.toMatchObject({ code: 'data_dir_in_use' });
      expect(await product.apiKeys.list()).toEqual([]);
    } finally {
      await product.close();
    }
  });

  const text = async () => gunzipSync(await readFile(file)).toString();
  it.each<[string, string, () => Promise<Buffer>]>([
    ['cut off', 'backup_damaged', async () => (await readFile(file)).subarray(0, -200)],
    [
      'with a changed byte',
      'backup_damaged',
      async () => {
        const bytes = await readFile(file);
        bytes[Math.floor(bytes.length / 2)]! ^= 0xff;
        return bytes;
      },
    ],
    [
      'with a changed row',
      'backup_damaged',
      async () => gzipSync((await text()).replace('job 1234', 'job 1235')),
    ],
    [
      'with a row less',
      'backup_damaged',
      async () => gzipSync((await text()).replace(/^\[.*job 1234.*\n/m, '')),
    ],
    [
      'whose end is missing',
      'backup_damaged',
      async () => gzipSync((await text()).replace('{"complete":true}\n', '')),
    ],
    ['that is none', 'backup_damaged', async () => Buffer.from('hello')],
    ['that is empty', 'backup_damaged', async () => Buffer.alloc(0)],
    [
      'of another format',
      'backup_of_other_version',
      async () => gzipSync((await text()).replace('"version":1', '"version":2')),
    ],
    [
      'of a newer version',
      'backup_of_other_version',
      async () => gzipSync((await text()).replace('"migrations":[', '"migrations":["Later2",')),
    ],
    [
      'of an older version',
      'backup_of_other_version',
      async () => gzipSync((await text()).replace('"Learning1763700000005",', '')),
    ],
  ])('%s is refused, and changes nothing', async (_, code, damaged) => {
    const dir = await mkdtemp(join(scratch, 'untouched-'));
    const path = join(scratch, `damaged-${randomBytes(4).toString('hex')}`);
    await writeFile(path, await damaged());
    await expect(restore(configOf(dir), path)).rejects.toMatchObject({ code });
    expect(await readdir(dir)).toEqual([]);
  });

  it('is not looked for where there is none', async () => {
    await expect(restore(configOf(scratch), join(scratch, 'nowhere'))).rejects.toThrow(/no file/);
  });
});

describe('moving to a server', () => {
  let target: EmbeddedServer;
  let proxy: Server;
  let database: ServerDatabase | null = null;
  let url: string;
  // A second server of the same kind, behind TCP and spoken to by `pg` as any: a native one with pgvector is none of a
  // fresh machine's.
  beforeAll(async () => {
    target = await EmbeddedServer.start();
    proxy = createServer((socket) => {
      const upstream = connect(target.socketPath);
      socket.pipe(upstream).pipe(socket);
      for (const end of [socket, upstream])
        end.on('error', () => void [socket, upstream].map((s) => s.destroy()));
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const given = givenServer();
    database = given === null ? null : await createServerDatabase(given);
    url = database?.url ?? `postgres://postgres@127.0.0.1:${(proxy.address() as AddressInfo).port}/postgres`;
  });
  afterAll(async () => {
    proxy?.close();
    await target?.stop();
    await database?.remove();
  });

  it('is not begun while a process may still accept something', async () => {
    const product = await openPersistence(configOf(source.path));
    try {
      await expect(moveToServer(configOf(source.path), url)).rejects.toMatchObject({
        code: 'data_dir_in_use',
      });
    } finally {
      await product.close();
    }
  });

  it('loses nothing, compares every table, and refuses to do it twice', async () => {
    const tables = await moveToServer(configOf(source.path), url);
    const expected = await contentsOf(source.path);
    for (const [table, { rows }] of tables) expect([table, rows]).toEqual([table, expected[table]!.length]);
    expect([...tables.keys(), 'migrations', 'rules'].toSorted()).toEqual(Object.keys(expected).toSorted());
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      for (const table of tables.keys()) {
        const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${table} t`);
        expect(rows.map(({ row }) => row).toSorted()).toEqual(expected[table]);
      }
      const { rules } = await rulesOf(async (sql) => (await client.query<{ rule: string }>(sql)).rows);
      expect(rules).toEqual(expected['rules']);
    } finally {
      await client.end();
    }
    await expect(moveToServer(configOf(source.path), url)).rejects.toMatchObject({
      code: 'target_not_empty',
    });
  });
});
