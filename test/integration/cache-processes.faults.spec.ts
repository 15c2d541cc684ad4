import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import type { CacheKey } from '@app/domain';
import { CacheProcess } from '../support/cache-process.js';
import { TcpProxy } from '../support/tcp-proxy.js';

const key: CacheKey = { operation: 'facets', scope: 'all', id: 'all' };
/** The figure that is promised between processes. */
const COHERENT_WITHIN_MS = 50;
const UNHEARD_LIMIT_MS = 1_000;
const LEASE_MS = 3_000;
const WAIT = { timeout: 15_000, interval: 20 };

describe('caches of several processes over one Redis', () => {
  let processes: CacheProcess[];
  let prefix: string;
  let network: TcpProxy;

  const open = async (redisUrl = inject('redisUrl')): Promise<CacheProcess> => {
    // The deadline is another test's: this machine may be busy.
    const env = { CACHE_REDIS_URL: redisUrl, CACHE_PREFIX: prefix, CACHE_OPERATION_DEADLINE_MS: '2000' };
    const process = await CacheProcess.connected(env);
    processes.push(process);
    return process;
  };

  beforeEach(async () => {
    processes = [];
    prefix = `test-${randomUUID()}`;
    network = await TcpProxy.before(inject('redisUrl'));
  });

  afterEach(async () => {
    await Promise.all(processes.map((process) => process.kill()));
    await network.cut();
  });

  it('show a write, a delete and a pattern of one in the memory of another within 50 ms', async () => {
    const [a, b] = await Promise.all([open(), open()]);
    const took: number[] = [];
    for (let version = 0; version < 20; version += 1) {
      await a.tell('set', key, version);
      expect(await b.tell('get', key)).toBe(version);
      const seen = b.tell('untilOther', key, version, 5_000);
      // It reads from its memory by now; how long after the change was acknowledged does it see it?
      await vi.waitFor(async () => expect((await b.tell('stats')).hits).toBeGreaterThan(version), WAIT);
      if (version % 3 === 0) await a.tell('set', key, version + 1);
      else if (version % 3 === 1) await a.tell('delete', key);
      else await a.tell('deleteByPattern', 'facets', '*');
      const acknowledgedAt = Date.now();
      const { value, at } = await seen;
      expect(value).toBe(version % 3 === 0 ? version + 1 : null);
      took.push(at - acknowledgedAt);
    }
    // The slowest but one: a single pause of a busy machine is not the bus's.
    expect(took.toSorted((x, y) => x - y).at(-2)!).toBeLessThan(COHERENT_WITHIN_MS);
    expect((await b.tell('stats')).namespaces['facets']!.hits).toBeGreaterThan(20);
  });

  it('never store what was loaded before another invalidated it', async () => {
    const [a, b] = await Promise.all([open(), open()]);
    const loading = b.tell('load', key, 'old', 300);
    await b.event('loading');
    await a.tell('delete', key);
    expect(await loading).toMatchObject({ value: 'old' });
    expect([await a.tell('get', key), await b.tell('get', key)]).toEqual([null, null]);

    const again = b.tell('load', { ...key, id: 'other' }, 'old', 300);
    await vi.waitFor(async () => expect((await b.tell('stats')).misses).toBe(3), WAIT);
    await a.tell('deleteByPattern', 'facets', 'all:oth*');
    await again;
    expect(await b.tell('get', { ...key, id: 'other' })).toBeNull();
  });

  it('run one loader for a thousand callers that miss in four processes', async () => {
    const four = await Promise.all([open(), open(), open(), open()]);
    const answers = await Promise.all(
      four.map((process, index) => process.tell('stampede', key, 250, `by ${index}`, 200)),
    );
    expect(answers.reduce((sum, { loads }) => sum + loads, 0)).toBe(1);
    expect(new Set(answers.flatMap(({ values }) => values)).size).toBe(1);
  });

  it('let exactly one of the others load when the one that was loading is killed', async () => {
    const [dying, ...others] = await Promise.all([open(), open(), open(), open()]);
    dying!.tell('load', key, 'never', 60_000).catch(() => undefined);
    await dying!.event('loading');
    const startedAt = performance.now();
    const stampedes = others.map((process, index) => process.tell('stampede', key, 100, `by ${index}`, 50));
    await dying!.kill();
    const answers = await Promise.all(stampedes);
    const tookMs = performance.now() - startedAt;
    expect(answers.reduce((sum, { loads }) => sum + loads, 0)).toBe(1);
    expect(new Set(answers.flatMap(({ values }) => values)).size).toBe(1);
    expect(tookMs).toBeGreaterThan(LEASE_MS / 2);
    expect(tookMs).toBeLessThan(LEASE_MS + 2_000);
  });

  it('let the next load at once when a load has failed', async () => {
    const [a, b] = await Promise.all([open(), open()]);
    const failed = a.tell('loadInVain', key, 200).catch((error: Error) => error.message);
    await a.event('loading');
    expect(await b.tell('load', key, 'value', 0)).toEqual({ value: 'value', outcome: 'miss' });
    expect(await failed).toContain('nothing to load');
  });

  it('serve nothing older than 1 s without the bus, and nothing that was changed meanwhile after it', async () => {
    const a = await open();
    const b = await open(network.urlFor(inject('redisUrl')));
    await a.tell('set', key, 'old');
    await a.tell('set', { ...key, id: 'deleted' }, 'old');
    expect(await b.tell('get', key)).toBe('old');
    expect(await b.tell('get', { ...key, id: 'deleted' })).toBe('old');
    await network.cut();
    await a.tell('set', key, 'new');
    await a.tell('delete', { ...key, id: 'deleted' });
    const changedAt = Date.now();
    const { value, at } = await b.tell('untilOther', key, 'old', 5_000);
    expect(value).toBeNull();
    expect(at - changedAt).toBeLessThan(UNHEARD_LIMIT_MS + COHERENT_WITHIN_MS);
    expect((await b.tell('untilOther', { ...key, id: 'deleted' }, 'old', 5_000)).value).toBeNull();
    expect(Date.now() - changedAt).toBeLessThan(UNHEARD_LIMIT_MS + 2 * COHERENT_WITHIN_MS);

    await network.mend();
    const back = await b.tell('untilOther', key, null, 10_000);
    expect(back.value).toBe('new');
    expect(await b.tell('get', { ...key, id: 'deleted' })).toBeNull();
  });

  it('serve nothing older than 1 s when the connection is dead without saying so', async () => {
    const a = await open();
    const b = await open(network.urlFor(inject('redisUrl')));
    await a.tell('set', key, 'old');
    expect(await b.tell('get', key)).toBe('old');
    network.hang();
    await a.tell('set', key, 'new');
    const changedAt = Date.now();
    const { value, at } = await b.tell('untilOther', key, 'old', 8_000);
    expect(value).not.toBe('old');
    // The read that found its memory unserviceable waits for Redis before it misses.
    expect(at - changedAt).toBeLessThan(UNHEARD_LIMIT_MS + 2_000 + COHERENT_WITHIN_MS);
    await network.mend();
    expect((await b.tell('untilOther', key, null, 10_000)).value).toBe('new');
  });

  it('tell the others what was invalidated while Redis was away, before reading it again', async () => {
    const a = await open();
    const b = await open(network.urlFor(inject('redisUrl')));
    await a.tell('setMany', [
      { key, value: 'old' },
      { key: { ...key, id: 'x:1' }, value: 'old' },
      { key: { ...key, id: 'y' }, value: 'old' },
    ]);
    await network.cut();
    await b.tell('set', key, 'new');
    await b.tell('deleteByPattern', 'facets', 'all:x:*');
    await b.tell('delete', { ...key, id: 'y' });
    // It counts in its own process at once; the others can't know yet.
    expect(await b.tell('get', key)).toBe('new');
    expect(await a.tell('get', key)).toBe('old');
    await network.mend();
    expect((await a.tell('untilOther', key, 'old', 10_000)).value).toBeNull();
    await a.tell('untilOther', { ...key, id: 'y' }, 'old', 10_000);
    await a.tell('untilOther', { ...key, id: 'x:1' }, 'old', 10_000);
    for (const id of ['all', 'x:1', 'y'])
      for (const process of [a, b]) expect(await process.tell('get', { ...key, id })).not.toBe('old');
  });
});
