import { InvalidInput, type CacheCountOptions, type CacheKey } from '@app/domain';
import type { CacheCounters } from './cache-counters.js';
import { ownedCopy } from './codec/copy-value.js';
import type { CacheNames } from './policies/cache-names.js';
import type { CachePolicies, CachePolicy } from './policies/cache-policies.js';
import type { EntryTiers } from './tiers/entry-tiers.js';
import type { MemoryTier } from './tiers/memory-tier.js';
import type { RemoteTier } from './tiers/remote-tier.js';

const NOTHING_SAVED = { costUsd: 0, latencyMs: 0, calls: 0 };

export interface CountingParts {
  readonly tiers: EntryTiers;
  readonly names: CacheNames;
  readonly policies: CachePolicies;
  readonly counters: CacheCounters;
  readonly now: () => number;
}

/** Numbers that are added to: in Redis where their policy has it, otherwise in the memory of this process. */
export class Counting {
  constructor(private readonly parts: CountingParts) {}

  async add(key: CacheKey, by: number, options: CacheCountOptions | undefined): Promise<number | null> {
    if (!Number.isSafeInteger(by))
      throw new InvalidInput('What is counted is a whole number.', { operation: key.operation, by });
    const { tiers, names, policies, counters } = this.parts;
    const policy = policies[key.operation];
    if (!policy.enabled) return null;
    const name = names.nameOf(key);
    const lifetimeMs = options?.ttlMs ?? policy.ttlMs;
    const remote = tiers.remoteFor(policy);
    const total =
      remote === null
        ? this.addHere(tiers.memoryFor(policy)!, policy, name, by, lifetimeMs)
        : await this.addThere(remote, policy, name, by, lifetimeMs);
    if (total !== null) counters.set(policy.namespace, String(total).length);
    return total;
  }

  private async addThere(
    remote: RemoteTier,
    { namespace, content, graceMs }: CachePolicy,
    name: string,
    by: number,
    lifetimeMs: number,
  ): Promise<number | null> {
    const { tiers, now } = this.parts;
    tiers.forget(name);
    const generation = remote.generationOf(namespace, content);
    if (generation === null) return null;
    const times = { now: now(), lifetimeMs, ttlMs: lifetimeMs + graceMs };
    const total = await remote.add({ name, by, generation, ...times });
    // Again: what was read between may still have been the old total.
    tiers.forget(name);
    return total;
  }

  /** Nothing is awaited: within the process it is one step. */
  private addHere(
    memory: MemoryTier,
    policy: CachePolicy,
    name: string,
    by: number,
    lifetimeMs: number,
  ): number {
    const { tiers, now } = this.parts;
    const held = memory.get(name);
    const counts = held !== undefined && held.freshUntil > now() && Number.isSafeInteger(held.value);
    const before = counts ? (held.value as number) : 0;
    if (!Number.isSafeInteger(before + by)) return before;
    tiers.forget(name);
    const times = counts
      ? { freshUntil: held.freshUntil, lifetimeMs: held.lifetimeMs }
      : { freshUntil: now() + lifetimeMs, lifetimeMs };
    const kept = { ...times, saving: NOTHING_SAVED, since: performance.now() };
    tiers.remember(policy, name, ownedCopy(before + by), kept);
    return before + by;
  }
}
