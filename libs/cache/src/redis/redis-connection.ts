import type { Log } from '@app/domain';
import { createClient, ErrorReply } from '@redis/client';
import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { DeadlineExceeded, withDeadline } from './with-deadline.js';

const CONNECT_TIMEOUT_MS = 300;
const RECONNECT_FIRST_MS = 50;
const RECONNECT_MAX_MS = 1_000;
/** Ends a socket whose peer accepted it and never said a word; pings keep a healthy one from being idle so long. */
const SOCKET_IDLE_MS = 5_000;
const PING_INTERVAL_MS = 1_000;
/** After so long without an answer the peer is taken to be gone, though its socket is still open. */
const GIVE_UP_AFTER_MS = 5_000;
const BREAK_AFTER_FAILURES = 3;
const ASK_AGAIN_AFTER_MS = 500;
const CLOSE_LIMIT_MS = 1_000;

export type RedisClient = ReturnType<typeof createClient>;

/** Redis isn't connected, or is being asked whether it answers again: the call was not tried. */
export class RedisAway extends Error {
  constructor() {
    super('Redis is away.');
    this.name = 'RedisAway';
  }
}

/**
 * A connection to one Redis and the one place that decides about its outages. It connects by itself and for ever,
 * without anybody waiting; commands are tried only while it is connected, each with a deadline; after three failures
 * in a row none is tried for half a second. Each change between reachable and unreachable is logged once, and so is each
 * kind of refusal (`OOM`, `READONLY` …): a Redis that refuses does answer, and counts as reachable.
 */
export class RedisConnection {
  readonly client: RedisClient;
  private readonly breaker: CircuitBreakerPolicy;
  private reachable: boolean | null = null;
  private closing = false;
  private unansweredSince: number | null = null;
  private readonly refusals = new Set<string>();

  constructor(
    url: string,
    private readonly deadlineMs: number,
    private readonly log: Log,
  ) {
    this.client = createClient({
      url,
      disableOfflineQueue: true,
      pingInterval: PING_INTERVAL_MS,
      socket: {
        connectTimeout: CONNECT_TIMEOUT_MS,
        socketTimeout: SOCKET_IDLE_MS,
        reconnectStrategy: (retries) => Math.min(RECONNECT_FIRST_MS * 2 ** retries, RECONNECT_MAX_MS),
      },
    });
    this.breaker = circuitBreaker(
      handleWhen((error) => !(error instanceof ErrorReply)),
      {
        halfOpenAfter: ASK_AGAIN_AFTER_MS,
        breaker: new ConsecutiveBreaker(BREAK_AFTER_FAILURES),
      },
    );
    this.breaker.onBreak((reason) => this.moveTo(false, 'error' in reason ? reason.error : undefined));
    this.breaker.onReset(() => this.moveTo(this.client.isReady));
    this.client.on('ready', () => this.moveTo(true));
    this.client.on('error', (error: Error) => this.moveTo(false, error));
    this.connect();
  }

  get connected(): boolean {
    return this.client.isReady;
  }

  /**
   * Runs a command.
   * @throws RedisAway, DeadlineExceeded, cockatiel's BrokenCircuitError, or what Redis answered
   */
  async run<T>(command: () => Promise<T>): Promise<T> {
    // While one call asks whether Redis answers again, the others don't wait for what it learns.
    if (!this.client.isReady || this.breaker.state === CircuitState.HalfOpen) throw new RedisAway();
    try {
      const answer = await this.breaker.execute(() => withDeadline(command(), this.deadlineMs));
      this.unansweredSince = null;
      return answer;
    } catch (error) {
      if (error instanceof DeadlineExceeded) this.unanswered();
      if (error instanceof ErrorReply) this.refused(error);
      throw error;
    }
  }

  /** Lets running commands end, for a second at most. */
  async close(): Promise<void> {
    this.closing = true;
    if (!this.client.isOpen) return;
    if (!this.client.isReady) return this.client.destroy();
    await withDeadline(Promise.resolve(this.client.close()), CLOSE_LIMIT_MS).catch(() => {
      if (this.client.isOpen) this.client.destroy();
    });
  }

  private connect(): void {
    // Rejects only when the connection is closed before it was made.
    this.client.connect().catch(() => undefined);
  }

  private unanswered(): void {
    const now = performance.now();
    this.unansweredSince ??= now;
    if (now - this.unansweredSince < GIVE_UP_AFTER_MS || !this.client.isReady || this.closing) return;
    this.unansweredSince = null;
    this.client.destroy();
    this.connect();
  }

  private refused(error: ErrorReply): void {
    const [code = ''] = error.message.split(' ', 1);
    if (this.refusals.has(code)) return;
    this.refusals.add(code);
    this.log.warn({ error: error.message }, 'redis_refused');
  }

  private moveTo(reachable: boolean, reason?: Error): void {
    if (this.closing || this.reachable === reachable) return;
    const first = this.reachable === null;
    this.reachable = reachable;
    if (!reachable) this.log.warn({ error: reason?.message }, 'redis_unreachable');
    else if (first) this.log.debug({}, 'redis_connected');
    else this.log.warn({}, 'redis_reachable_again');
  }
}
