import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { loadConfig } from '@app/config';
import type { Job } from '@app/domain';
import { openPersistence, type Persistence } from '@app/persistence';
import { BullJobQueue, JobWorkers, QUEUE_POOL_OPTIONS, type QueueBackend } from '@app/queue';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RecordingLog } from '../../fakes/recording-log.js';
import { freshDataDir, type FreshDataDir } from '../../support/fresh-data-dir.js';
import { DatabaseProcess } from './database-process.js';
import { silentLog } from './embedded-server.js';
import { handlersOf } from '../../support/job-handlers.js';

const WAIT = { timeout: 30_000, interval: 20 };
const LIMIT_MS = 90_000;

const namesIn = async (persistence: Persistence): Promise<string[]> =>
  (await persistence.projects.list()).map(({ repository }) => repository.name).toSorted();

async function clientOf(socketDir: string): Promise<Client> {
  const client = new Client({ host: socketDir, user: 'postgres', database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

const isStartup = (bytes: unknown): boolean => Buffer.isBuffer(bytes) && bytes.includes('postgres');

/** The last of its threads has closed its files, though its parent, this process, has not heard of its end. */
function hasEnded(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' && Number(fields[17]) <= 1;
}

describe('the embedded database whose host goes away', () => {
  let dir: FreshDataDir;
  let host: DatabaseProcess;
  const processes: DatabaseProcess[] = [];
  const spawn = async (): Promise<DatabaseProcess> => {
    const spawned = DatabaseProcess.spawn(dir.path);
    processes.push(spawned);
    expect(await spawned.tell('open')).toMatch(/^opened /);
    return spawned;
  };
  const openHere = (): Promise<Persistence> =>
    openPersistence(loadConfig({ DATA_DIR: dir.path, LOG_LEVEL: 'silent' }));

  beforeEach(async () => {
    dir = await freshDataDir();
    host = await spawn();
  }, LIMIT_MS);
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((each) => each.kill()));
    await dir.remove();
  });

  it(
    'killed, goes on with one of three guests, and so again until the last',
    async () => {
      const left = [await spawn(), await spawn(), await spawn()];
      expect(await host.tell('role')).toBe('host');
      expect(await host.tell('write n0')).toBe('wrote n0');
      let killed = host;
      for (let round = 1; left.length > 0; round++) {
        await killed.kill();
        for (const [index, guest] of left.entries())
          expect(await guest.insist(`write n${round}-${index}`)).toBe(`wrote n${round}-${index}`);
        const roles = await Promise.all(left.map((guest) => guest.tell('role')));
        expect(roles.filter((role) => role === 'host')).toHaveLength(1);
        [killed] = left.splice(roles.indexOf('host'), 1) as [DatabaseProcess];
      }
      await killed.kill();
      const persistence = await openHere();
      expect(await namesIn(persistence)).toEqual(['n0', 'n1-0', 'n1-1', 'n1-2', 'n2-0', 'n2-1', 'n3-0']);
      await persistence.close();
    },
    LIMIT_MS,
  );

  it(
    'killed, is not asked through connections whose end a busy guest has not read yet',
    async () => {
      const guest = await openHere();
      const pool = guest.createPool({ max: 2 });
      await Promise.all([namesIn(guest), pool.query('SELECT 1'), pool.query('SELECT 1')]);
      process.kill(host.pid, 'SIGKILL');
      // Nothing is read meanwhile.
      while (!hasEnded(host.pid));
      const [names, { rows }] = await Promise.all([namesIn(guest), pool.query('SELECT 1 AS n')]);
      expect({ names, rows }).toEqual({ names: [], rows: [{ n: 1 }] });
      await guest.close();
    },
    LIMIT_MS,
  );

  it(
    'in order, makes a guest the host that asks for nothing at the time',
    async () => {
      const guest = await openHere();
      expect(guest.isHost).toBe(false);
      await host.tell('write before');
      expect(await host.tell('close')).toBe('closed');
      await vi.waitFor(() => expect(guest.isHost).toBe(true), WAIT);
      expect(await namesIn(guest)).toEqual(['before']);
      expect(await host.tell('open')).toBe('opened guest');
      await guest.close();
      expect(await host.insist('write after')).toBe('wrote after');
      expect(await host.tell('role')).toBe('host');
    },
    LIMIT_MS,
  );

  it(
    'in order, finishes the transaction of a guest first',
    async () => {
      const guest = await openHere();
      const runner = guest.dataSource.createQueryRunner();
      await runner.startTransaction();
      await runner.query('CREATE TABLE kept (id integer)');
      const closed = host.tell('close');
      await runner.query('INSERT INTO kept VALUES (1)');
      await runner.commitTransaction();
      await runner.release();
      expect(await closed).toBe('closed');
      await vi.waitFor(async () => expect(await guest.health.ping()).toMatchObject({ ok: true }), WAIT);
      expect(await guest.dataSource.query('SELECT id FROM kept')).toEqual([{ id: 1 }]);
      await guest.close();
    },
    LIMIT_MS,
  );

  it.each(['kill', 'close'] as const)(
    'while it is being opened by another process, is opened nonetheless: %s',
    async (end) => {
      const owner = await clientOf(join(dir.path, 'run'));
      await owner.query('BEGIN');
      const write = vi.spyOn(Socket.prototype, 'write');
      const log = new RecordingLog();
      const opening = openPersistence(loadConfig({ DATA_DIR: dir.path }), { log });
      // Everybody waits for the open transaction, the start-up message of the one that opens too.
      await vi.waitFor(() => expect(write.mock.calls.some(([bytes]) => isStartup(bytes))).toBe(true), WAIT);
      write.mockRestore();
      await (end === 'kill' ? host.kill() : host.tell('close'));
      const persistence = await opening;
      expect(log.of('database_opening_repeated').length).toBeGreaterThan(0);
      expect(persistence.isHost).toBe(true);
      expect(await namesIn(persistence)).toEqual([]);
      await persistence.close();
    },
    LIMIT_MS,
  );

  it(
    'keeps a guest’s queue: its idle workers are woken by jobs that come after the takeover',
    async () => {
      const guest = await openHere();
      const backend: QueueBackend = { kind: 'postgres', pool: guest.createPool(QUEUE_POOL_OPTIONS) };
      const config = { queue: { concurrency: 1, attempts: 3, backoffMs: 20 } };
      const ran: Job[] = [];
      const handler = async (job: Job): Promise<void> => void ran.push(job);
      const handlers = handlersOf(handler);
      const queue = await BullJobQueue.create(backend, config, silentLog);
      const workers = new JobWorkers({
        backend,
        config,
        handlers,
        log: silentLog,
        onFailed: () => undefined,
      });
      await workers.start();
      const jobs = Array.from({ length: 3 }, (): Job => ({
        name: 'expand-run',
        deliveryId: randomUUID(),
        sequence: 0,
      }));
      await queue.enqueue([jobs[0]!]);
      // Its end recorded, too: a job whose worker lost the database on the way there is run again.
      await vi.waitFor(async () => expect(await queue.isPending(jobs[0]!)).toBe(false), WAIT);
      expect(ran).toEqual(jobs.slice(0, 1));

      await host.kill();
      await vi.waitFor(() => queue.enqueue([jobs[1]!]), WAIT);
      await vi.waitFor(() => expect(ran).toEqual(jobs.slice(0, 2)), WAIT);
      expect(guest.isHost).toBe(true);

      // A worker that is not woken looks by itself only after half a minute.
      const listening = `SELECT count(*)::int AS n FROM pg_listening_channels() WHERE pg_listening_channels = 'bullmq_jobs'`;
      await vi.waitFor(
        async () => expect(await guest.dataSource.query<{ n: number }[]>(listening)).toEqual([{ n: 1 }]),
        WAIT,
      );
      await queue.enqueue([jobs[2]!]);
      await vi.waitFor(() => expect(ran).toEqual(jobs), { timeout: 10_000, interval: 20 });
      await workers.close(1_000);
      await queue.close();
      await guest.close();
    },
    LIMIT_MS,
  );
});
