import { isDeepStrictEqual } from 'node:util';
import { createCache, createRedisClient, type CacheHandle } from '@app/cache';
import { loadConfig } from '@app/config';
import type { CacheKey } from '@app/domain';
import { Metrics, PinoLog } from '@app/telemetry';
import KeyvRedis from '@keyv/redis';
import { RESP_TYPES } from '@redis/client';
import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisDriver } from 'bentocache/drivers/redis';
import { Cacheable } from 'cacheable';
import { Redis } from 'ioredis';
import { ownedCopy } from '../../libs/cache/src/codec/copy-value.js';
import { decodeEntry } from '../../libs/cache/src/codec/envelope.js';
import { MemoryTier } from '../../libs/cache/src/tiers/memory-tier.js';

type Read = () => Promise<unknown>;

export interface Contestants {
  /** Writes one value of about so many bytes as JSON to every contestant; answers its id. */
  fill(bytes: number): Promise<string>;
  fillMany(count: number, bytes: number): Promise<readonly string[]>;
  /** Hits on that value. */
  reads(
    id: string,
  ): Readonly<
    Record<
      | 'memory'
      | 'bare memory store'
      | 'bentocache memory'
      | 'cacheable memory'
      | 'redis'
      | 'bare redis store'
      | 'raw GET'
      | 'raw GET + decode'
      | 'bentocache redis',
      Read
    >
  >;
  batchReads(ids: readonly string[]): Readonly<Record<'one' | 'batch', Read>>;
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const MEMORY_BYTES = 1_000_000_000;
const key = (id: string): CacheKey => ({ operation: 'llm.classify', id });

/** All of them on one Redis, connected. */
export async function openContestants(redisUrl: string, prefix: string): Promise<Contestants> {
  const open = (backend: 'two_tier' | 'redis'): CacheHandle =>
    createCache(
      loadConfig({
        CACHE_BACKEND: backend,
        REDIS_URL: redisUrl,
        CACHE_PREFIX: `${prefix}-${backend}`,
        CACHE_MEMORY_TTL_SECONDS: '3600',
        CACHE_MAX_BYTES: `${MEMORY_BYTES}`,
        // A late answer is to be measured, not to be given up.
        CACHE_OPERATION_DEADLINE_MS: '10000',
      }),
      PinoLog.create({ level: 'silent' }),
      new Metrics(),
    );
  const [tiers, remote] = [open('two_tier'), open('redis')];
  const raw = new Redis(redisUrl);
  const bare = createRedisClient(loadConfig({ REDIS_URL: redisUrl }).redis!);
  bare.on('error', () => undefined);
  await bare.connect();
  const buffers = bare.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const bareMemory = new MemoryTier(
    { maxEntries: 10_000, maxBytes: MEMORY_BYTES, maxEntryBytes: MEMORY_BYTES },
    Date.now,
    null,
    () => undefined,
  );
  const bento = new BentoCache({
    default: 'memory',
    prefix: `${prefix}-bento`,
    ttl: HOUR_MS,
    stores: {
      memory: bentostore().useL1Layer(memoryDriver({ maxItems: 10_000, maxSize: MEMORY_BYTES })),
      redis: bentostore().useL2Layer(redisDriver({ connection: raw })),
    },
  });
  const cacheable = new Cacheable({ secondary: new KeyvRedis(redisUrl), ttl: HOUR_MS });
  for (const { cache } of [tiers, remote])
    while (!(await cache.ping()).ok) await new Promise((resolve) => setTimeout(resolve, 10));
  const nameOf = (id: string): string => `${prefix}-redis:llm:classify:${id}`;

  const fillOne = async (id: string, bytes: number): Promise<void> => {
    const value = valueOf(bytes);
    const entry = { ...ownedCopy(value), since: 0, lifetimeMs: HOUR_MS, saving: NOTHING };
    bareMemory.set(id, { ...entry, freshUntil: Infinity, keptUntil: Infinity });
    await Promise.all([
      tiers.cache.set(key(id), value, { ttlMs: HOUR_MS }),
      remote.cache.set(key(id), value, { ttlMs: HOUR_MS }),
      bento.use('memory').set({ key: id, value }),
      bento.use('redis').set({ key: id, value }),
      cacheable.set(id, value),
    ]);
  };
  const reads: Contestants['reads'] = (id) => {
    const name = nameOf(id);
    return {
      memory: () => tiers.cache.get(key(id)),
      'bare memory store': async () => bareMemory.valueOf(bareMemory.get(id)!),
      'bentocache memory': () => bento.use('memory').get({ key: id }),
      'cacheable memory': () => cacheable.get(id),
      redis: () => remote.cache.get(key(id)),
      'bare redis store': async () => decodeEntry(name, (await buffers.get(name)) as unknown as Buffer),
      'raw GET': () => raw.getBuffer(name),
      'raw GET + decode': async () => decodeEntry(name, (await raw.getBuffer(name))!),
      'bentocache redis': () => bento.use('redis').get({ key: id }),
    };
  };

  return {
    reads,
    batchReads: (ids) => ({
      one: () => remote.cache.get(key(ids[0]!)),
      batch: () => remote.cache.getMany(ids.map(key)),
    }),
    async fill(bytes) {
      const id = `value:${bytes}`;
      await fillOne(id, bytes);
      for (const [what, read] of Object.entries(reads(id)))
        if (what !== 'raw GET' && !isDeepStrictEqual(await read(), valueOf(bytes)))
          throw new Error(`${what} doesn’t answer the value of ${bytes} bytes that it was given.`);
      return id;
    },
    async fillMany(count, bytes) {
      const ids = Array.from({ length: count }, (_, index) => `many:${index}`);
      for (const id of ids) await fillOne(id, bytes);
      return ids;
    },
    async close() {
      await Promise.all([tiers.cache.clear(), remote.cache.clear()]);
      await Promise.all([tiers.close(), remote.close(), cacheable.disconnect(), bare.close()]);
      await bento.disconnectAll();
      raw.disconnect();
    },
  };
}

const NOTHING = { costUsd: 0, latencyMs: 0, calls: 0 };

/** Records as the product caches them: names, numbers and texts that repeat as logs do. */
function valueOf(bytes: number): unknown {
  const records: unknown[] = [];
  let size = 2;
  for (let index = 0; size < bytes; index += 1) {
    const record = {
      line: 1_000 + index,
      kind: index % 3 === 0 ? 'error' : 'context',
      text: `src/module-${(index * 7_919) % 997}/file.ts(${index % 400},7): error TS${2_300 + (index % 60)}`,
    };
    records.push(record);
    size += JSON.stringify(record).length + 1;
  }
  return records;
}
