import { InvalidConfiguration } from '@app/config';
import { CACHE_OPERATIONS, type CacheOperation } from '@app/domain';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How one kind of entry is kept. */
export interface CachePolicy {
  /** The middle of the key. Where one namespace begins with another (`agents`, `agents:list`), so do their keys. */
  readonly namespace: string;
  /** How long an entry is served as it is. */
  readonly ttlMs: number;
  /** How much longer it may be served, marked stale, while its loader fails. 0: never. */
  readonly graceMs: number;
  /** Whether values over 1 KiB are deflated; off for what doesn't shrink. */
  readonly compress: boolean;
}

export type CachePolicies = Readonly<Record<CacheOperation, CachePolicy>>;

function policy(namespace: string, ttlMs: number, graceMs = 0, compress = true): CachePolicy {
  return { namespace, ttlMs, graceMs, compress };
}

/**
 * Every kind of entry. Grace is given where an older answer serves people better than an error: what GitHub and
 * models said, and dashboard figures. State that decides something (sessions, projects, providers) has none.
 */
export const CACHE_POLICIES: CachePolicies = {
  'llm.classify': policy('llm:classify', 24 * HOUR_MS, DAY_MS),
  'llm.root_cause': policy('llm:root_cause', 48 * HOUR_MS, DAY_MS),
  'llm.solution': policy('llm:solution', 7 * DAY_MS, DAY_MS),
  'llm.validate': policy('llm:validate', 72 * HOUR_MS, DAY_MS),
  'llm.chat': policy('llm:chat', HOUR_MS),
  'llm.embedding': policy('llm:embedding', 30 * DAY_MS, DAY_MS, false),
  'vector.search': policy('vector:search', 6 * HOUR_MS, HOUR_MS),
  'vector.resolved': policy('vector:resolved', 6 * HOUR_MS, HOUR_MS),
  'vector.recent': policy('vector:recent', 5 * MINUTE_MS, HOUR_MS),
  'github.logs': policy('github:logs', 30 * DAY_MS),
  'github.repo': policy('github:repo', HOUR_MS, DAY_MS),
  'github.runs': policy('github:runs', MINUTE_MS, HOUR_MS),
  'github.jobs': policy('github:jobs', 30 * DAY_MS),
  'github.annotations': policy('github:annotations', 30 * DAY_MS),
  'github.file': policy('github:file', 30 * DAY_MS),
  'github.diff': policy('github:diff', 30 * DAY_MS),
  'github.pulls': policy('github:pulls', 5 * MINUTE_MS, HOUR_MS),
  'github.baseline': policy('github:baseline', 5 * MINUTE_MS, HOUR_MS),
  session: policy('session', 5 * MINUTE_MS),
  project: policy('project', HOUR_MS),
  provider: policy('provider', 24 * HOUR_MS),
  facets: policy('facets', 10 * MINUTE_MS, HOUR_MS),
  search: policy('search', 5 * MINUTE_MS, HOUR_MS),
  analytics: policy('analytics', 2 * MINUTE_MS, HOUR_MS),
  stats: policy('stats', 5 * MINUTE_MS, HOUR_MS),
  agents: policy('agents', HOUR_MS),
  'agents.list': policy('agents:list', 30 * MINUTE_MS),
  channels: policy('channels', 10 * MINUTE_MS),
  workflows: policy('workflows', MINUTE_MS),
  'messages.count': policy('messages:count', 5 * MINUTE_MS),
};

/** The environment variable that overrides an operation's lifetime, for example CACHE_TTL_LLM_CLASSIFY_SECONDS. */
export function ttlVariable(operation: CacheOperation): string {
  return `CACHE_TTL_${overrideName(operation).toUpperCase()}_SECONDS`;
}

/**
 * The policies with the configured lifetimes in them.
 * @param ttlOverridesMs by operation in lower case with underscores, for example `{ llm_classify: 60_000 }`
 * @throws InvalidConfiguration naming every override that is of no operation
 */
export function cachePolicies(ttlOverridesMs: Readonly<Record<string, number>>): CachePolicies {
  const known = new Map(CACHE_OPERATIONS.map((operation) => [overrideName(operation), operation]));
  const unknown = Object.keys(ttlOverridesMs).filter((name) => !known.has(name));
  if (unknown.length > 0) {
    const variables = CACHE_OPERATIONS.map(ttlVariable).join(', ');
    throw new InvalidConfiguration(
      unknown.map(
        (name) =>
          `CACHE_TTL_${name.toUpperCase()}_SECONDS is of no kind of cache entry. There are: ${variables}.`,
      ),
    );
  }
  const policies = { ...CACHE_POLICIES };
  for (const [name, ttlMs] of Object.entries(ttlOverridesMs)) {
    const operation = known.get(name)!;
    policies[operation] = { ...policies[operation], ttlMs };
  }
  return policies;
}

function overrideName(operation: CacheOperation): string {
  return operation.replaceAll('.', '_');
}
