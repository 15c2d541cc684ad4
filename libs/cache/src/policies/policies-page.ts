import { CACHE_OPERATIONS, type CacheOperation } from '@app/domain';
import { CACHE_POLICIES, RESERVED_NAMESPACES, type CachePolicies } from './cache-policies.js';
import { policyVariables } from './policy-overrides.js';

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** The documentation page of the policies, in Markdown: `docs/cache-policies.md` is this, and a spec holds it to it. */
export function policiesPage(policies: CachePolicies = CACHE_POLICIES): string {
  const rows = CACHE_OPERATIONS.map((operation) => rowOf(operation, policies));
  const example = policyVariables('llm.classify');
  return `# Cache policies

Made from \`libs/cache/src/policies/cache-policies.ts\` by \`npm run docs:cache\`: change it there.

Keys are \`{CACHE_PREFIX}:{namespace}:{id}\`. _Lifetime_: how long an entry is served as it is. _Grace_: how much longer it may
be served, marked stale, while its loader fails. _Tier_: where it lives when there is a Redis (without one all are in memory);
in memory before Redis for \`CACHE_MEMORY_TTL_SECONDS\` at most. _Renewed_: a hit past 80 % of the lifetime answers at once and
reloads in the background; not where the key holds all the value depends on, which would pay for the same answer again. Such
entries outlive a restart of Redis; the others are forgotten then, since its snapshot may be older than their invalidation.

${tableOf(['operation', 'key', 'lifetime', 'grace', 'tier', 'deflated', 'scope', 'renewed'], rows)}

Each can be changed from the environment, here for \`llm.classify\`:
${Object.values(example)
  .map((variable) => `\`${variable}\``)
  .join(', ')}.
Short names of lifetimes: \`CACHE_TTL_FACETS\`, \`CACHE_TTL_SEARCH\`, \`CACHE_TTL_STATS\`, and \`CACHE_TTL_SECONDS\` (alias
\`REDIS_TTL\`) for chat answers; the long name goes before the short one.

Under the same prefix live, and are never touched by clearing the cache: ${RESERVED_NAMESPACES.map((name) => `\`${name}:\``).join(', ')}.
`;
}

function rowOf(operation: CacheOperation, policies: CachePolicies): string[] {
  const { namespace, id, ttlMs, graceMs, tier, compress, scope, content } = policies[operation];
  return [
    `\`${operation}\``,
    `\`${namespace}:${id}\``,
    duration(ttlMs),
    graceMs === 0 ? '–' : duration(graceMs),
    tier.replace('_', ' '),
    compress ? 'over 1 KiB' : 'no',
    scope,
    content ? 'no' : 'yes',
  ];
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function duration(ms: number): string {
  const [unit, of] = UNITS.find(([, each]) => ms >= each && ms % each === 0) ?? ['ms', 1];
  return `${ms / of} ${unit}`;
}
