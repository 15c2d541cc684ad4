import { setTimeout as sleep } from 'node:timers/promises';
import type { Cache, CacheKey, Log } from '@app/domain';

/** A limit that ends sooner is waited for here; a longer one is told to the caller, who has a queue to wait in. */
export const LONGEST_WAIT_MS = 5_000;
/** GitHub's documented pause after a secondary limit that names none: at least one minute. */
export const SECONDARY_LIMIT_PAUSE_MS = 60_000;
/** How often a state that stops nobody is shared, for people to look at. */
const SHARED_EVERY_MS = 10_000;

/** What is known of the limit of one set of credentials: `provider:{name}:rate_limit_status`. */
export interface RateLimitStatus {
  readonly limit: number | null;
  readonly remaining: number | null;
  readonly resetsAt: Date | null;
  /** Nothing is asked before. */
  readonly blockedUntil: Date | null;
  readonly blockedBy: 'primary' | 'secondary' | null;
  readonly observedAt: Date;
}

/** What GitHub counts by itself: the REST API, and GraphQL. */
export type LimitedResource = 'core' | 'graphql';

/** The gates of GitHub's two APIs. */
export type RateLimitGates = Readonly<Record<LimitedResource, RateLimitGate>>;

/** The key under which processes share what they know. @param name `github`, or `github-{installation id}`; for GraphQL with `-graphql` behind it */
export function rateLimitKey(name: string): CacheKey {
  return { operation: 'provider', id: `${name}:rate_limit_status` };
}

/**
 * Keeps requests from being sent past a known limit, be it known from an answer that said `remaining: 0`, from a
 * refusal, or from another process. Requests in flight are counted, so that the last ones of a window don't pass
 * together.
 */
export class RateLimitGate {
  private status: RateLimitStatus | null = null;
  private sharedAt = 0;
  private inFlight = 0;
  private waiting: (() => void)[] = [];
  /** The gate of the other API. */
  private other: RateLimitGate | null = null;

  constructor(
    private readonly name: string,
    private readonly cache: Cache | null,
    private readonly log: Log,
    private readonly resource: LimitedResource = 'core',
  ) {}

  /** The gates of one set of credentials: each API has its own primary limit, and a secondary one is on both. */
  static pair(name: string, cache: Cache | null, log: Log): RateLimitGates {
    const core = new RateLimitGate(name, cache, log);
    const graphql = new RateLimitGate(`${name}-graphql`, cache, log, 'graphql');
    core.other = graphql;
    graphql.other = core;
    return { core, graphql };
  }

  /**
   * Waits for a limit that ends soon. Null: the request may be sent, and `left` must be called after it.
   * @returns for how long nothing may be sent, in milliseconds
   */
  async enter(signal?: AbortSignal | null): Promise<number | null> {
    for (;;) {
      const blockedMs = await this.blockedMs();
      if (blockedMs > LONGEST_WAIT_MS) return blockedMs;
      if (blockedMs > 0) await sleep(blockedMs, undefined, { signal: signal ?? undefined });
      else if (this.isLastOneOut()) await new Promise<void>((resolve) => this.waiting.push(resolve));
      else break;
    }
    this.inFlight += 1;
    return null;
  }

  /** @param headers of the answer; null when none came */
  async left(status: number, headers: Headers | null): Promise<void> {
    this.inFlight -= 1;
    try {
      if (headers) await this.observe(status, headers);
    } finally {
      const waiting = this.waiting;
      this.waiting = [];
      for (const wake of waiting) wake();
    }
  }

  private async blockedMs(): Promise<number> {
    const shared = await this.cache?.get<RateLimitStatus>(rateLimitKey(this.name));
    const until = Math.max(this.status?.blockedUntil?.getTime() ?? 0, shared?.blockedUntil?.getTime() ?? 0);
    return Math.max(0, until - Date.now());
  }

  /** Whether the requests in flight may already use up what is left of the window. */
  private isLastOneOut(): boolean {
    const { remaining, resetsAt } = this.status ?? {};
    if (remaining == null || !resetsAt || resetsAt.getTime() <= Date.now()) return false;
    return this.inFlight > 0 && this.inFlight >= remaining;
  }

  private async observe(status: number, headers: Headers): Promise<void> {
    // Other resources (search, say) have limits of their own.
    if ((headers.get('x-ratelimit-resource') ?? this.resource) !== this.resource) return;
    const now = Date.now();
    const limit = numberOf(headers, 'x-ratelimit-limit');
    const remaining = numberOf(headers, 'x-ratelimit-remaining');
    const resetsAt = resetOf(headers, now);
    const said = blockOf(status, headers, remaining, resetsAt, now);
    // An answer that was on its way when the limit was met says nothing of it: what blocks does so until it ends.
    const blocked = longest(said, standingBlock(this.status, now));
    this.status = {
      limit,
      remaining,
      resetsAt: resetsAt === null ? null : new Date(resetsAt),
      ...fieldsOf(blocked),
      observedAt: new Date(now),
    };
    if (said) this.log.warn({ name: this.name, ...said, forMs: said.until - now }, 'github_limit_reached');
    if (!said && now - this.sharedAt < SHARED_EVERY_MS) return;
    this.sharedAt = now;
    await this.share(this.status, now);
    if (said?.by === 'secondary') await this.other?.pause(said, now);
  }

  /** As if the refusal had come here. */
  private async pause(block: Block, now: number): Promise<void> {
    const blocked = longest(block, standingBlock(this.status, now));
    const known = this.status ?? { limit: null, remaining: null, resetsAt: null };
    this.status = { ...known, ...fieldsOf(blocked), observedAt: new Date(now) };
    await this.share(this.status, now);
  }

  /** What another process met is not overwritten by this one's not having met it. */
  private async share(status: RateLimitStatus, now: number): Promise<void> {
    if (!this.cache) return;
    const key = rateLimitKey(this.name);
    const theirs = standingBlock(await this.cache.get<RateLimitStatus>(key), now);
    const blocked = longest(standingBlock(status, now), theirs);
    await this.cache.set(key, { ...status, ...fieldsOf(blocked) });
  }
}

interface Block {
  readonly until: number;
  readonly by: 'primary' | 'secondary';
}

function standingBlock(status: RateLimitStatus | null | undefined, now: number): Block | null {
  const until = status?.blockedUntil?.getTime() ?? 0;
  return until > now ? { until, by: status?.blockedBy ?? 'secondary' } : null;
}

function longest(one: Block | null, other: Block | null): Block | null {
  return (other?.until ?? 0) > (one?.until ?? 0) ? other : one;
}

function fieldsOf(block: Block | null): Pick<RateLimitStatus, 'blockedUntil' | 'blockedBy'> {
  return { blockedUntil: block && new Date(block.until), blockedBy: block?.by ?? null };
}

function blockOf(
  status: number,
  headers: Headers,
  remaining: number | null,
  resetsAt: number | null,
  now: number,
): Block | null {
  const retryAfter = numberOf(headers, 'retry-after');
  if ((status === 403 || status === 429) && retryAfter !== null) {
    return { until: now + retryAfter * 1_000, by: 'secondary' };
  }
  if (remaining === 0 && resetsAt !== null && resetsAt > now) return { until: resetsAt, by: 'primary' };
  return status === 429 ? { until: now + SECONDARY_LIMIT_PAUSE_MS, by: 'secondary' } : null;
}

/** The reset on this machine's clock, whatever GitHub's says; a second more, since it is given in whole seconds. */
function resetOf(headers: Headers, now: number): number | null {
  const reset = numberOf(headers, 'x-ratelimit-reset');
  if (reset === null) return null;
  const theirs = Date.parse(headers.get('date') ?? '');
  const skewMs = Number.isNaN(theirs) || Math.abs(now - theirs) < 2_000 ? 0 : now - theirs;
  return reset * 1_000 + skewMs + 1_000;
}

function numberOf(headers: Headers, name: string): number | null {
  const text = headers.get(name);
  const value = text === null ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
