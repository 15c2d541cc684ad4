import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@app/config';
import { connectEmbedded, openPersistence, type Persistence } from '@app/persistence';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freshDataDir, type FreshDataDir } from '../../support/fresh-data-dir.js';
import { DatabaseProcess } from './database-process.js';
import { silentLog } from './embedded-server.js';

const open = (dataDir: string): Promise<Persistence> =>
  openPersistence(loadConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' }));
const namesIn = async (persistence: Persistence): Promise<string[]> =>
  (await persistence.projects.list()).map(({ repository }) => repository.name);

describe('a data directory', () => {
  let dir: FreshDataDir;
  const processes: DatabaseProcess[] = [];
  const spawn = (dataDir = dir.path): DatabaseProcess => {
    const spawned = DatabaseProcess.spawn(dataDir);
    processes.push(spawned);
    return spawned;
  };
  beforeEach(async () => {
    dir = await freshDataDir();
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((each) => each.kill()));
    await dir.remove();
  });

  it('that is fresh, with a dead process’s lock, is hosted by one of ten that open it at once, then by one of the nine that are left', async () => {
    const fresh = await mkdtemp(join(tmpdir(), 'devflowfix-test-'));
    await writeFile(
      join(fresh, 'postgres.lock'),
      JSON.stringify({
        pid: 4_194_304,
        startedAt: '1',
        host: hostname(),
        token: 'stale',
        socketDir: '/nowhere',
      }),
    );
    const ten = Array.from({ length: 10 }, () => spawn(fresh));
    const opened = await Promise.all(ten.map((each) => each.tell('open')));
    expect(opened.toSorted()).toEqual([...Array<string>(9).fill('opened guest'), 'opened host']);
    await Promise.all(ten.map((each, index) => each.tell(`write p${index}`)));

    await ten[opened.indexOf('opened host')]!.kill();
    const nine = ten.filter((_, index) => opened[index] === 'opened guest');
    const late = nine.map((_, index) => `wrote late${index}`);
    expect(await Promise.all(nine.map((each, index) => each.insist(`write late${index}`)))).toEqual(late);
    const roles = await Promise.all(nine.map((each) => each.tell('role')));
    expect(roles.toSorted()).toEqual([...Array<string>(8).fill('guest'), 'host']);
    await Promise.all(nine.map((each) => each.kill()));

    const persistence = await open(fresh);
    const names = [...late.map((line) => line.slice(6)), ...ten.map((_, index) => `p${index}`)];
    expect((await namesIn(persistence)).toSorted()).toEqual(names.toSorted());
    await persistence.close();
    await rm(fresh, { recursive: true });
  }, 150_000);

  it('keeps every row that was acknowledged before its host was killed', async () => {
    const acknowledged: string[] = [];
    for (const round of ['a', 'b', 'c']) {
      const writer = spawn();
      expect(await writer.tell('open')).toBe('opened host');
      await writer.tellAndHear(`flood ${round}`, 150);
      await writer.kill();
      acknowledged.push(
        ...writer.said.filter((line) => line.startsWith('wrote ')).map((line) => line.slice(6)),
      );
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(450);
    const persistence = await open(dir.path);
    const stored = new Set(await namesIn(persistence));
    expect(acknowledged.filter((name) => !stored.has(name))).toEqual([]);
    // A row that was written while the process died may be there, one more a lane at most.
    expect(stored.size - acknowledged.length).toBeLessThanOrEqual(3 * 4);
    await persistence.close();
  }, 90_000);

  it('can be used by a process that does not host it, while the host works', async () => {
    const host = await open(dir.path);
    const guest = spawn();
    expect(await guest.tell('open')).toBe('opened guest');
    expect(await guest.tell('write theirs')).toBe('wrote theirs');
    expect(await namesIn(host)).toEqual(['theirs']);
    expect(await guest.tell('close')).toBe('closed');
    await host.close();
    expect(await readdir(dir.path)).not.toContain('postgres.lock');
  });

  it('is refused, with the pid, when its holder lives and does not answer', async () => {
    const holder = spawn();
    const socketDir = join(dir.path, 'run');
    const lock = { pid: holder.pid, startedAt: await startOf(holder.pid), host: hostname(), socketDir };
    await writeFile(join(dir.path, 'postgres.lock'), JSON.stringify({ ...lock, token: 'of-a-spec' }));
    const refused = connectEmbedded(dir.path, silentLog, { waitForHostMs: 200 });
    await expect(refused).rejects.toMatchObject({
      code: 'data_dir_in_use',
      message: expect.stringContaining(`process ${holder.pid}`) as string,
    });
  });

  it('whose database was half made is made anew', async () => {
    await rm(join(dir.path, 'postgres'), { recursive: true });
    await mkdir(join(dir.path, 'postgres.new'));
    await writeFile(join(dir.path, 'postgres.new', 'PG_VERSION'), '18');
    const persistence = await open(dir.path);
    expect(await persistence.health.ping()).toMatchObject({ ok: true });
    await persistence.close();
    expect(existsSync(join(dir.path, 'postgres.new'))).toBe(false);
  }, 60_000);

  it('may have a path that is too long for a socket', async () => {
    const long = join(dir.path, 'x'.repeat(60), 'y'.repeat(60));
    await mkdir(long, { recursive: true });
    await rename(join(dir.path, 'postgres'), join(long, 'postgres'));
    const connection = await connectEmbedded(long, silentLog);
    const client = new Client({ host: connection.socketDir, user: 'postgres', database: 'postgres' });
    await client.connect();
    expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    await client.end();
    await connection.close();
  });

  it('lets nobody else in: its socket is its owner’s alone', async () => {
    const connection = await connectEmbedded(dir.path, silentLog);
    expect((await stat(connection.socketDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(connection.socketDir, '.s.PGSQL.5432'))).mode & 0o777).toBe(0o600);
    await connection.close();
  });
});

async function startOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8');
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[19]!;
}
