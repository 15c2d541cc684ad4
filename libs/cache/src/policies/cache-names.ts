import type { CacheKey, CacheOperation } from '@app/domain';
import type { CachePolicies } from './cache-policies.js';
import { UnscopedCacheKey } from './unscoped-cache-key.js';

/** A kind of entry, as far as invalidating all of it goes. */
export interface Namespace {
  readonly namespace: string;
  /** Whether its keys hold all their values depend on. */
  readonly content: boolean;
  /** Matches every name in it. */
  readonly all: NamePattern;
}

/** Builds the names entries are stored under: `{prefix}:{namespace}:{id}`. */
export class CacheNames {
  private readonly starts: Readonly<Record<CacheOperation, string>>;
  /** Inner namespaces before outer ones. */
  private readonly namespaces: readonly Namespace[];

  constructor(
    private readonly prefix: string,
    private readonly policies: CachePolicies,
  ) {
    this.starts = Object.fromEntries(
      Object.entries(policies).map(([operation, { namespace }]) => [operation, `${prefix}:${namespace}:`]),
    ) as Record<CacheOperation, string>;
    this.namespaces = Object.values(policies)
      .map(({ namespace, content }) => ({
        namespace,
        content,
        all: new NamePattern(`${prefix}:${namespace}:`, '*'),
      }))
      .toSorted((a, b) => b.namespace.length - a.namespace.length);
  }

  /** The namespace that a name, or the beginning of one, is in. */
  namespaceOf(name: string): Namespace {
    const found = this.namespaces.find(({ all }) => name.startsWith(all.start));
    if (found === undefined) throw new Error(`“${name}” is the name of no cache entry.`);
    return found;
  }

  /** Matches every name in a namespace. */
  allOf(namespace: string): NamePattern {
    return new NamePattern(`${this.prefix}:${namespace}:`, '*');
  }

  /** @throws UnscopedCacheKey when the policy says whose the value is and the key doesn't */
  nameOf(key: CacheKey): string {
    const start = this.starts[key.operation];
    if (this.policies[key.operation].scope === 'shared') return start + withoutBraces(key.id);
    // The compiler demands it; a key that came another way must not become everybody's.
    if (!key.scope) throw new UnscopedCacheKey(key.operation);
    return `${start}${withoutBraces(key.scope)}:${withoutBraces(key.id)}`;
  }

  /** Matches the operation's keys whose rest matches the glob: `{id}`, or `{scope}:{id}` where it has a scope. */
  matching(operation: CacheOperation, glob: string): NamePattern {
    return new NamePattern(this.starts[operation], withoutBraces(glob));
  }

  /** Matches every entry of every operation, and nothing else that lives under the same prefix (queues, locks). */
  all(): readonly NamePattern[] {
    const namespaces = new Set(Object.values(this.policies).map((policy) => policy.namespace));
    const outermost = [...namespaces].filter(
      (namespace) => ![...namespaces].some((other) => namespace.startsWith(`${other}:`)),
    );
    return outermost.map((namespace) => new NamePattern(`${this.prefix}:${namespace}:`, '*'));
  }
}

/** A literal beginning followed by a glob in which only `*` and `?` mean more than themselves. */
export class NamePattern {
  private readonly expression: RegExp;

  constructor(
    readonly start: string,
    readonly glob: string,
  ) {
    const wild = literal(glob)
      .replaceAll(String.raw`\*`, '.*')
      .replaceAll(String.raw`\?`, '.');
    this.expression = new RegExp(`^${literal(start)}${wild}$`, 's');
  }

  matches(name: string): boolean {
    return this.expression.test(name);
  }

  /** The same pattern for Redis' SCAN … MATCH, where brackets and backslashes have a meaning too. */
  forRedis(): string {
    const start = this.start.replaceAll(/[\\*?[\]]/g, String.raw`\$&`);
    return start + this.glob.replaceAll(/[\\[\]]/g, String.raw`\$&`);
  }
}

/** Braces would choose the slot of a Redis Cluster; every id is hashed as a whole. */
function withoutBraces(text: string): string {
  return text.includes('{') || text.includes('}') ? text.replaceAll('{', '%7B').replaceAll('}', '%7D') : text;
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
