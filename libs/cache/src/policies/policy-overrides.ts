import { InvalidConfiguration, type CachePolicyOverride, type CachePolicyOverrides } from '@app/config';
import { CACHE_OPERATIONS, SCOPED_OPERATIONS, type CacheOperation } from '@app/domain';
import {
  CACHE_POLICIES,
  RESERVED_NAMESPACES,
  type CachePolicies,
  type CachePolicy,
} from './cache-policies.js';

/** The environment variables that override one operation's policy, for example CACHE_TTL_LLM_CLASSIFY_SECONDS. */
export function policyVariables(operation: CacheOperation): Record<keyof CachePolicyOverride, string> {
  const name = overrideName(operation).toUpperCase();
  return {
    ttlMs: `CACHE_TTL_${name}_SECONDS`,
    graceMs: `CACHE_GRACE_${name}_SECONDS`,
    tier: `CACHE_TIER_${name}`,
    compress: `CACHE_COMPRESS_${name}`,
    enabled: `CACHE_ENABLED_${name}`,
  };
}

/**
 * The policies with what the environment says in them.
 * @param overrides by operation in lower case with underscores, for example `{ llm_classify: { ttlMs: 60_000 } }`
 * @throws InvalidConfiguration naming every override that is of no operation, and every policy that can't be
 */
export function cachePolicies(overrides: CachePolicyOverrides): CachePolicies {
  const known = new Map(CACHE_OPERATIONS.map((operation) => [overrideName(operation), operation]));
  const problems = Object.entries(overrides)
    .filter(([name]) => !known.has(name))
    .map(
      ([name]) =>
        `CACHE_…_${name.toUpperCase()} is of no kind of cache entry. There are: ${[...known.keys()]
          .map((each) => each.toUpperCase())
          .join(', ')}.`,
    );
  if (problems.length > 0) throw new InvalidConfiguration(problems);
  const policies = { ...CACHE_POLICIES };
  for (const [name, override] of Object.entries(overrides)) {
    const operation = known.get(name)!;
    policies[operation] = { ...policies[operation], ...override };
  }
  const wrong = problemsOf(policies);
  if (wrong.length > 0) throw new InvalidConfiguration(wrong);
  return policies;
}

/** What is wrong with a table: lifetimes and scopes that can't be, namespaces used twice or reserved. */
export function problemsOf(policies: CachePolicies): string[] {
  const entries = Object.entries(policies) as [CacheOperation, CachePolicy][];
  const scoped = new Set<CacheOperation>(SCOPED_OPERATIONS);
  const seen = new Map<string, CacheOperation>();
  return entries.flatMap(([operation, { namespace, ttlMs, graceMs, scope }]) => {
    const problems: string[] = [];
    const variables = policyVariables(operation);
    if (!(ttlMs > 0)) problems.push(`${variables.ttlMs}: a lifetime is above 0 seconds.`);
    if (!(graceMs >= 0)) problems.push(`${variables.graceMs}: grace is 0 seconds or more.`);
    if ((scope !== 'shared') !== scoped.has(operation))
      problems.push(`${operation}: its scope and SCOPED_OPERATIONS disagree.`);
    const first = seen.get(namespace);
    if (first !== undefined) problems.push(`${operation} and ${first} share the namespace ${namespace}.`);
    seen.set(namespace, operation);
    if (RESERVED_NAMESPACES.some((reserved) => `${namespace}:`.startsWith(`${reserved}:`)))
      problems.push(`${operation}: the namespace ${namespace} is reserved for what is no cache entry.`);
    return problems;
  });
}

function overrideName(operation: CacheOperation): string {
  return operation.replaceAll('.', '_');
}
