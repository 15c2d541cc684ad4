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
      | 'raw GET + JSON.parse'
      | 'bentocache redis',
      Read
    >
  >;
  batchReads(ids: readonly string[]): Readonly<Record<'one' | 'batch' | 'raw MGET + decode', Read>>;
  close(): Promise<void>;
}

/** What each of them does for a hit. All Redis contestants read over one connection of their own to the same server. */
export const WHAT_THEY_DO: Readonly<Record<string, string>> = {
  memory: 'the product: its memory tier before Redis; copies the value',
  'bare memory store': 'the product’s memory tier alone, without the port; copies the value',
  'bentocache memory': 'bentocache, first level: JSON text, parsed at each hit (its default)',
  'cacheable memory': 'cacheable, first level: copies the value',
  redis:
    'the product without a memory tier: its port, deadline, breaker, generations, counters; reads with @redis/client',
  'bare redis store':
    'GET of the product’s entry with @redis/client, and the product’s decoding: checksum, inflating from 1 KiB, JSON',
  'raw GET': 'GET of the product’s entry (the same bytes) with ioredis, not decoded',
  'raw GET + decode': 'the same, and the product’s decoding',
  'raw GET + JSON.parse':
    'GET of the same value as plain JSON text with ioredis, and JSON.parse: more bytes, nothing checked',
  'bentocache redis': 'bentocache, second level alone, on the same ioredis client: plain JSON text, parsed',
  'raw MGET + decode': 'one MGET of the product’s entries with ioredis, and the product’s decoding of each',
};

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
  const plainNameOf = (id: string): string => `${prefix}-plain:${id}`;
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
      raw.set(plainNameOf(id), JSON.stringify(value), 'PX', HOUR_MS),
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
      'raw GET + JSON.parse': async () => JSON.parse((await raw.get(plainNameOf(id)))!),
      'bentocache redis': () => bento.use('redis').get({ key: id }),
    };
  };

  return {
    reads,
    batchReads: (ids) => ({
      one: () => remote.cache.get(key(ids[0]!)),
      batch: () => remote.cache.getMany(ids.map(key)),
      'raw MGET + decode': async () => {
        const names = ids.map(nameOf);
        const found = await raw.mgetBuffer(names);
        return found.map((bytes, index) => decodeEntry(names[index]!, bytes!));
      },
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
