import type { RedisEndpoint } from '@app/config';
import type { Log } from '@app/domain';
import { ErrorReply } from '@redis/client';
import { DeadlineExceeded, Deadlines, withDeadline } from './deadlines.js';
import { createRedisClient, singleClient, type RedisClient } from './redis-client.js';
import { masterOf } from './sentinels.js';
import { SustainedBreaker, type Admission } from './sustained-breaker.js';

/** After so long without an answer the peer is taken to be gone, though its socket is still open. */
const GIVE_UP_AFTER_MS = 5_000;
const BREAKER = { failures: 3, overMs: 100, askAgainAfterMs: 300 };
const CONNECT_AGAIN_AFTER_MS = 300;
const CLOSE_LIMIT_MS = 1_000;
/** A refusal is over when so long nothing was refused and something is accepted. */
const ACCEPTS_AGAIN_AFTER_MS = 5_000;

/** Redis isn't connected, or is being asked whether it answers again: the call was not tried. */
export class RedisAway extends Error {
  constructor() {
    super('Redis is away.');
    this.name = 'RedisAway';
  }
}

/**
 * A connection to one Redis (server, sentinels or cluster) and the one place that decides about its outages. It
 * connects by itself and for ever, without anybody waiting; commands are tried only while it is connected, each with a
 * deadline; after failures in a row that last none is tried for a while. Each change between reachable and unreachable is
 * logged once, and so is each kind of refusal (`OOM`, `READONLY` …): a Redis that refuses does answer, and counts as
 * reachable.
 */
export class RedisConnection {
  private current: RedisClient;
  /** Whether the client tells by itself when it is connected; a cluster's finds out by trying. */
  private readonly single: boolean;
  private following = false;
  private readonly breaker = new SustainedBreaker(BREAKER);
  private readonly deadlines: Deadlines;
  private readonly listeners: ((reachable: boolean) => void)[] = [];
  private reachable: boolean | null = null;
  private closing = false;
  private unansweredSince: number | null = null;
  private readonly refusals = new Set<string>();
  private refusedAt = 0;

  /**
   * @param proof what shows that Redis is there: that the client is ready, or that its user calls `trust`, having seen
   *   an answer that only Redis can give
   */
  constructor(
    private readonly endpoint: RedisEndpoint,
    private readonly deadlineMs: number,
    private readonly log: Log,
    private readonly proof: 'ready' | 'trust' = 'ready',
  ) {
    this.current = createRedisClient(endpoint);
    this.single = endpoint.mode !== 'cluster';
    this.deadlines = new Deadlines(deadlineMs);
    if (endpoint.mode === 'sentinel') void this.follow();
    else {
      this.listenTo(this.current);
      void this.connect();
    }
  }

  /** Behind sentinels another one after each change of the master. */
  get client(): RedisClient {
    return this.current;
  }

  /** Whether commands can be sent; a cluster finds out by trying. */
  get connected(): boolean {
    return this.single ? this.client.isReady : this.client.isOpen;
  }

  /** Tells of every change between reachable and unreachable. */
  onChange(listener: (reachable: boolean) => void): void {
    this.listeners.push(listener);
  }

  /**
   * Runs a command.
   * @throws RedisAway, DeadlineExceeded, or what Redis answered
   */
  run<T>(command: () => Promise<T>, deadlineMs = this.deadlineMs): Promise<T> {
    // While one call asks whether Redis answers again, the others don't wait for what it learns.
    const admission = this.connected ? this.breaker.admit() : null;
    if (admission === null) return Promise.reject(new RedisAway());
    const deadlines = deadlineMs === this.deadlineMs ? this.deadlines : new Deadlines(deadlineMs);
    // One promise where async functions would make four: every hit passes here.
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => {
        this.unsuccessful(admission, error);
        reject(error);
      };
      const answer = command();
      const call = deadlines.begin(failed);
      answer.then(
        (value) => {
          if (!deadlines.end(call)) return;
          this.answered(admission);
          resolve(value);
        },
        (error: Error) => {
          if (deadlines.end(call)) failed(error);
        },
      );
    });
  }

  /** Redis answered that it doesn't do what it was asked; each kind of refusal is told once until it is over. */
  refused(message: string): void {
    this.refusedAt = performance.now();
    const [code = ''] = message.split(' ', 1);
    if (this.refusals.has(code)) return;
    this.refusals.add(code);
    this.log.warn({ error: message }, 'redis_refused');
  }

  /** Redis took what it was given. */
  accepted(): void {
    if (this.refusals.size === 0 || performance.now() - this.refusedAt < ACCEPTS_AGAIN_AFTER_MS) return;
    this.log.warn({ refusals: [...this.refusals] }, 'redis_accepts_again');
    this.refusals.clear();
  }

  /** The peer has proved to be a Redis that answers. */
  trust(): void {
    if (this.connected) this.moveTo(true);
  }

  /** The peer answers what can't be an answer: nothing that comes over this connection can be trusted. */
  distrust(reason: Error): void {
    if (this.closing || !this.single) return;
    this.moveTo(false, reason);
    this.reconnect();
  }

  /** Lets running commands end, for a second at most. */
  async close(): Promise<void> {
    this.closing = true;
    if (!this.client.isOpen) return;
    if (!this.connected) return this.client.destroy();
    await withDeadline(Promise.resolve(this.client.close()), CLOSE_LIMIT_MS).catch(() => {
      if (this.client.isOpen) this.client.destroy();
    });
  }

  /** A single server's client connects for ever by itself; a cluster's gives up when nobody is there. */
  private async connect(): Promise<void> {
    try {
      await this.client.connect();
    } catch (error) {
      if (this.closing || this.single) return;
      this.moveTo(false, error as Error);
      setTimeout(() => void this.connect(), CONNECT_AGAIN_AFTER_MS).unref();
    }
  }

  private ready(): void {
    if (this.proof === 'ready' && this.connected) this.moveTo(true);
  }

  private listenTo(client: RedisClient): void {
    client.on('ready', () => this.ready());
    client.on('error', (error: Error) => {
      if (client === this.current) this.failed(error);
    });
  }

  /** Connects to the master that the sentinels name, and to the next when it is gone. */
  private async follow(): Promise<void> {
    if (this.following || this.closing) return;
    this.following = true;
    try {
      const client = singleClient(this.endpoint, await masterOf(this.endpoint), false);
      if (this.closing) return;
      this.current = client;
      this.listenTo(client);
      await client.connect();
    } catch (error) {
      this.moveTo(false, error as Error);
      this.followSoon();
    } finally {
      this.following = false;
    }
  }

  private followSoon(): void {
    setTimeout(() => void this.follow(), CONNECT_AGAIN_AFTER_MS).unref();
  }

  private leaveMaster(): void {
    if (this.endpoint.mode !== 'sentinel' || !this.client.isOpen) return;
    this.client.destroy();
    this.followSoon();
  }

  private reconnect(): void {
    if (this.client.isOpen) this.client.destroy();
    if (this.endpoint.mode === 'sentinel') this.followSoon();
    else void this.connect();
  }

  private failed(error: Error): void {
    // An error with the socket still open is an answer that can't be read: later ones may be taken for other commands'.
    const unreadable = this.single && this.client.isReady && !(error instanceof ErrorReply);
    this.moveTo(false, error);
    if (unreadable && !this.closing) setImmediate(() => this.reconnect());
    // Its client doesn't connect again: the master may be another by now.
    else if (this.endpoint.mode === 'sentinel' && !this.client.isOpen) this.followSoon();
  }

  private answered(admission: Admission): void {
    this.unansweredSince = null;
    if (this.breaker.succeeded(admission) || !this.single) this.ready();
  }

  private unsuccessful(admission: Admission, error: Error): void {
    if (error instanceof ErrorReply) {
      // A Redis that refuses does answer.
      if (this.breaker.succeeded(admission)) this.ready();
      this.refused(error.message);
      // Sentinels have made another server the master, and this one takes no more writes.
      if (error.message.startsWith('READONLY')) this.leaveMaster();
      return;
    }
    if (this.breaker.failed(admission)) this.moveTo(false, error);
    if (error instanceof DeadlineExceeded) this.unanswered();
  }

  private unanswered(): void {
    const now = performance.now();
    this.unansweredSince ??= now;
    if (now - this.unansweredSince < GIVE_UP_AFTER_MS || !this.connected || this.closing) return;
    this.unansweredSince = null;
    if (this.single) this.reconnect();
  }

  private moveTo(reachable: boolean, reason?: Error): void {
    if (this.closing || this.reachable === reachable) return;
    const first = this.reachable === null;
    this.reachable = reachable;
    if (!reachable) this.log.warn({ error: reason?.message }, 'redis_unreachable');
    else if (first) this.log.debug({}, 'redis_connected');
    else this.log.warn({}, 'redis_reachable_again');
    for (const listener of this.listeners) listener(reachable);
  }
}
