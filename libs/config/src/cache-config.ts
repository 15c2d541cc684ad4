import type { Env } from './env-schema.js';

/** What may be changed of one kind of cache entry. */
export interface CachePolicyOverride {
  readonly ttlMs?: number;
  readonly graceMs?: number;
  readonly tier?: 'memory' | 'redis' | 'two_tier';
  readonly compress?: boolean;
  readonly enabled?: boolean;
}

/** By operation in lower case with underscores, for example `{ llm_classify: { ttlMs: 60_000 } }`. */
export type CachePolicyOverrides = Readonly<Record<string, CachePolicyOverride>>;

type Parsed = { value: CachePolicyOverride } | { problem: string };

const TIERS = ['memory', 'redis', 'two_tier'] as const;
const TRUE = ['true', '1', 'yes', 'on'];
const FALSE = ['false', '0', 'no', 'off'];

/** Each pattern's first group is the operation in capitals. */
const OVERRIDES: readonly { variable: RegExp; parse: (text: string) => Parsed }[] = [
  { variable: /^CACHE_TTL_([A-Z_]+)_SECONDS$/, parse: (text) => seconds(text, 'ttlMs', 'above 0', 1e-3) },
  { variable: /^CACHE_GRACE_([A-Z_]+)_SECONDS$/, parse: (text) => seconds(text, 'graceMs', 'from 0 up', 0) },
  {
    variable: /^CACHE_TIER_([A-Z_]+)$/,
    parse: (text) => {
      const tier = TIERS.find((each) => each === text.toLowerCase());
      return tier ? { value: { tier } } : { problem: `must be one of ${TIERS.join(', ')}` };
    },
  },
  { variable: /^CACHE_COMPRESS_([A-Z_]+)$/, parse: (text) => flag(text, 'compress') },
  { variable: /^CACHE_ENABLED_([A-Z_]+)$/, parse: (text) => flag(text, 'enabled') },
];

/** Short names that users of such systems know, by operation; the long one goes before them. */
const LIFETIME_ALIASES = {
  facets: ['CACHE_TTL_FACETS'],
  search: ['CACHE_TTL_SEARCH'],
  stats: ['CACHE_TTL_STATS'],
  llm_chat: ['CACHE_TTL_SECONDS', 'REDIS_TTL'],
} as const satisfies Record<string, readonly (keyof Env)[]>;

/**
 * What the environment changes of the cache's policies.
 * @param problems gets each variable whose value can't be used
 */
export function policyOverrides(
  variables: Readonly<Record<string, string | undefined>>,
  env: Env,
  problems: string[],
): CachePolicyOverrides {
  const overrides: Record<string, CachePolicyOverride> = {};
  for (const [operation, aliases] of Object.entries(LIFETIME_ALIASES)) {
    const given = aliases.map((alias) => env[alias]).find((value) => value !== undefined);
    if (given !== undefined) overrides[operation] = { ttlMs: given * 1_000 };
  }
  for (const [name, text] of Object.entries(variables))
    for (const { variable, parse } of OVERRIDES) {
      const operation = variable.exec(name)?.[1]?.toLowerCase();
      if (operation === undefined) continue;
      const parsed = parse((text ?? '').trim());
      if ('problem' in parsed) problems.push(`${name}: ${parsed.problem}.`);
      else overrides[operation] = { ...overrides[operation], ...parsed.value };
    }
  return overrides;
}

/** Where entries are kept. */
export function cacheBackend(
  env: Env,
  hasRedis: boolean,
  problems: string[],
): 'memory' | 'redis' | 'two_tier' {
  if (env.CACHE_BACKEND === 'auto') return hasRedis ? 'two_tier' : 'memory';
  if (env.CACHE_BACKEND !== 'memory' && !hasRedis)
    problems.push(
      `CACHE_BACKEND: “${env.CACHE_BACKEND}” needs a Redis. Set REDIS_URL, REDIS_HOST or CACHE_REDIS_URL (and not REDIS_ENABLED=false).`,
    );
  return env.CACHE_BACKEND;
}

function seconds(text: string, property: 'ttlMs' | 'graceMs', range: string, least: number): Parsed {
  const given = Number(text);
  return Number.isFinite(given) && given >= least
    ? { value: { [property]: given * 1_000 } }
    : { problem: `must be a number of seconds ${range}` };
}

function flag(text: string, property: 'compress' | 'enabled'): Parsed {
  const lower = text.toLowerCase();
  if (TRUE.includes(lower)) return { value: { [property]: true } };
  return FALSE.includes(lower) ? { value: { [property]: false } } : { problem: `must be true or false` };
}
