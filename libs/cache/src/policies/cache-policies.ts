import type { CacheOperation } from '@app/domain';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Where entries live when there is a Redis: in the process, in Redis, or in both. Without Redis all are in memory. */
export const CACHE_TIERS = ['memory', 'redis', 'two_tier'] as const;
export type CacheTier = (typeof CACHE_TIERS)[number];

/** Who may be given an entry: the key's scope stands before its id, so that no answer crosses it. */
export type CacheScope = 'shared' | 'repository' | 'project' | 'caller' | 'session';

/** How one kind of entry is kept. */
export interface CachePolicy {
  /** The middle of the key. Where one namespace begins with another (`agents`, `agents:list`), so do their keys. */
  readonly namespace: string;
  /** The rest of the key, its scope included, for people: `{owner}:{repo}:{job_id}`. */
  readonly id: string;
  /** How long an entry is served as it is. */
  readonly ttlMs: number;
  /** How much longer it may be served, marked stale, while its loader fails. 0: never. */
  readonly graceMs: number;
  readonly tier: CacheTier;
  /** Whether values over 1 KiB are deflated; off for what doesn't shrink. */
  readonly compress: boolean;
  readonly scope: CacheScope;
  /**
   * Whether the key holds everything the value depends on. Such an entry is never renewed before its time, which would
   * pay for the same answer again, and outlives a restart of Redis; any other might have been invalidated after the
   * snapshot that the restarted Redis read.
   */
  readonly content: boolean;
  /** False: every read is a miss and nothing is kept. */
  readonly enabled: boolean;
}

export type CachePolicies = Readonly<Record<CacheOperation, CachePolicy>>;

type Chosen = Partial<Omit<CachePolicy, 'namespace' | 'id' | 'ttlMs'>>;

/** @param key `{namespace}:{id}`, the id from the first brace on */
function state(key: string, ttlMs: number, chosen: Chosen = {}): CachePolicy {
  const idAt = key.indexOf('{');
  return {
    namespace: key.slice(0, idAt - 1),
    id: key.slice(idAt),
    ttlMs,
    graceMs: 0,
    tier: 'two_tier',
    compress: true,
    scope: 'shared',
    content: false,
    enabled: true,
    ...chosen,
  };
}

function content(key: string, ttlMs: number, chosen: Chosen = {}): CachePolicy {
  return state(key, ttlMs, { content: true, ...chosen });
}

/**
 * Every kind of entry; `docs/cache-policies.md` is made from it. Grace is given where an older answer serves people
 * better than an error: what GitHub and models said, and dashboard figures. State that decides something (sessions,
 * projects, providers) has none. Logs and files stay out of the processes' memory: one would push out hundreds.
 */
export const CACHE_POLICIES: CachePolicies = {
  'llm.classify': content('llm:classify:{model}:{hash}', 24 * HOUR_MS, { graceMs: DAY_MS }),
  'llm.root_cause': content('llm:root_cause:{model}:{hash}', 48 * HOUR_MS, { graceMs: DAY_MS }),
  'llm.solution': content('llm:solution:{project_id}:{model}:{hash}', 7 * DAY_MS, {
    graceMs: DAY_MS,
    scope: 'project',
  }),
  'llm.validate': content('llm:validate:{project_id}:{model}:{hash}', 72 * HOUR_MS, {
    graceMs: DAY_MS,
    scope: 'project',
  }),
  'llm.chat': content('llm:chat:{session}:{model}:{hash}', HOUR_MS, { scope: 'session' }),
  'llm.embedding': content('llm:embedding:{model}:{dims}:{hash}', 30 * DAY_MS, {
    graceMs: DAY_MS,
    compress: false,
  }),
  'vector.search': state('vector:search:{scope}:{hash}', 6 * HOUR_MS, { graceMs: HOUR_MS, scope: 'caller' }),
  'vector.resolved': state('vector:resolved:{scope}:{hash}', 6 * HOUR_MS, {
    graceMs: HOUR_MS,
    scope: 'caller',
  }),
  'vector.recent': state('vector:recent:{scope}:{hash}', 5 * MINUTE_MS, {
    graceMs: HOUR_MS,
    scope: 'caller',
  }),
  'github.logs': content('github:logs:{owner}:{repo}:{job_id}', 30 * DAY_MS, {
    tier: 'redis',
    scope: 'repository',
  }),
  'github.repo': state('github:repo:{owner}:{repo}', HOUR_MS, { graceMs: DAY_MS, scope: 'repository' }),
  'github.runs': state('github:runs:{owner}:{repo}:{workflow_id}:{query_hash}', MINUTE_MS, {
    graceMs: HOUR_MS,
    scope: 'repository',
  }),
  'github.jobs': state('github:jobs:{owner}:{repo}:{run_id}:{attempt}', 30 * DAY_MS, { scope: 'repository' }),
  'github.annotations': content('github:annotations:{owner}:{repo}:{jobs_hash}', 30 * DAY_MS, {
    scope: 'repository',
  }),
  'github.file': content('github:file:{owner}:{repo}:{sha}:{paths_hash}', 30 * DAY_MS, {
    tier: 'redis',
    scope: 'repository',
  }),
  'github.diff': content('github:diff:{owner}:{repo}:{sha}', 30 * DAY_MS, {
    tier: 'redis',
    scope: 'repository',
  }),
  'github.pulls': state('github:pulls:{owner}:{repo}:{sha}', 5 * MINUTE_MS, {
    graceMs: HOUR_MS,
    scope: 'repository',
  }),
  'github.baseline': state('github:baseline:{owner}:{repo}:{workflow_id}:{branch}', 5 * MINUTE_MS, {
    graceMs: HOUR_MS,
    scope: 'repository',
  }),
  session: state('session:{session_id}:{key}', 5 * MINUTE_MS, { scope: 'session' }),
  project: state('project:{project_id}:{key}', HOUR_MS, { scope: 'project' }),
  provider: state('provider:{name}:{key}', 24 * HOUR_MS),
  facets: state('facets:{scope}:{filter_hash}', 10 * MINUTE_MS, { graceMs: HOUR_MS, scope: 'caller' }),
  search: state('search:{scope}:{query_hash}:p{page}', 5 * MINUTE_MS, { graceMs: HOUR_MS, scope: 'caller' }),
  analytics: state('analytics:{scope}:{report}:{hash}', 2 * MINUTE_MS, { graceMs: HOUR_MS, scope: 'caller' }),
  stats: state('stats:{scope}:{project_id}', 5 * MINUTE_MS, { graceMs: HOUR_MS, scope: 'caller' }),
  agents: state('agents:{id}', HOUR_MS),
  'agents.list': state('agents:list:{hash}', 30 * MINUTE_MS),
  channels: state('channels:{id}', 10 * MINUTE_MS),
  workflows: state('workflows:{id}', MINUTE_MS),
  'messages.count': state('messages:count:{channel_id}', 5 * MINUTE_MS),
};

/**
 * What lives under the same prefix and is no cache entry: it must not be evicted, and clearing the cache never touches
 * it. No policy's namespace may begin with one of these.
 */
export const RESERVED_NAMESPACES = [
  'queue',
  'lock',
  'ratelimit',
  'quota',
  'cost',
  'savings',
  'system',
] as const;
