import { EventEmitter } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import type { PgPool, PgPoolClient, PgQueryResult } from 'bullmq';
import type { Pool, PoolClient, QueryResult } from 'pg';

/** How long a failing call takes at least. */
const FAILURE_MS = 250;

/**
 * A pool as BullMQ is safe to use it. Its workers ask again at once when PostgreSQL refuses, which would keep the
 * processor busy for as long as the trouble lasts: so failures are slow. And it holds connections without listening
 * to their errors while it starts: one unheard would end the process. And it asks one connection several things at a time,
 * which pg is going to refuse: so they take turns.
 */
export class SteadyPool implements PgPool {
  private readonly out = new Set<PoolClient>();
  /** Every queue and worker listens: to this one, not to the pool that it shares with others. */
  private readonly events = new EventEmitter().setMaxListeners(0);
  private readonly forward = {
    error: (error: Error): void =>
      void (this.events.listenerCount('error') > 0 && this.events.emit('error', error)),
    connect: (client: PoolClient): void => void this.events.emit('connect', client),
  };

  private isListening = false;

  constructor(private readonly pool: Pool) {}

  query<R>(text: string, params?: readonly unknown[]): Promise<PgQueryResult<R>> {
    return slowToFail<PgQueryResult>(this.pool.query(text, params as unknown[]));
  }

  async connect(): Promise<PgPoolClient> {
    const client = await slowToFail(this.pool.connect());
    client.on('error', () => undefined);
    this.out.add(client);
    const { release } = client;
    client.release = (error) => {
      if (this.out.delete(client)) release.call(client, error);
    };
    return inTurns(client) as PgPoolClient;
  }

  /** Ends the connections that were not given back: what BullMQ could not start does not. */
  abandon(): void {
    if (this.isListening) this.pool.off('error', this.forward.error).off('connect', this.forward.connect);
    for (const client of this.out) client.release(true);
  }

  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'connect', listener: (client: PgPoolClient) => void): this;
  on(event: 'error' | 'connect', listener: (subject: never) => void): this {
    if (!this.isListening) this.pool.on('error', this.forward.error).on('connect', this.forward.connect);
    this.isListening = true;
    this.events.on(event, listener as (subject: unknown) => void);
    return this;
  }

  removeAllListeners(event?: string): this {
    this.events.removeAllListeners(event);
    return this;
  }

  /** The pool belongs to whoever handed it in. */
  end(): Promise<void> {
    return Promise.resolve();
  }
}

/** The client, each of whose queries waits for the one before it. */
function inTurns(client: PoolClient): PoolClient {
  let last: Promise<unknown> = Promise.resolve();
  const query = (text: string, values?: unknown[]): Promise<QueryResult> => {
    const answer = last.then(() => client.query(text, values));
    last = answer.catch(() => undefined);
    return answer;
  };
  return new Proxy(client, {
    get(target, name) {
      if (name === 'query') return query;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

async function slowToFail<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    await after(FAILURE_MS);
    throw error;
  }
}
