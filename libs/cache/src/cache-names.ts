import type { CacheKey, CacheOperation } from '@app/domain';
import type { CachePolicies } from './cache-policies.js';

/** Builds the names entries are stored under: `{prefix}:{namespace}:{id}`. */
export class CacheNames {
  constructor(
    private readonly prefix: string,
    private readonly policies: CachePolicies,
  ) {}

  nameOf(key: CacheKey): string {
    return `${this.prefix}:${this.policies[key.operation].namespace}:${key.id}`;
  }

  /** Matches the operation's keys whose id matches the glob. */
  matching(operation: CacheOperation, glob: string): NamePattern {
    return new NamePattern(`${this.prefix}:${this.policies[operation].namespace}:`, glob);
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
    private readonly start: string,
    private readonly glob: string,
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

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
