import { setImmediate as nextTurn } from 'node:timers/promises';
import { Pool, type PoolClient, type PoolConfig } from 'pg';

type Release = (release?: boolean | Error) => void;
type ConnectCallback = (error: Error | undefined, client: PoolClient | undefined, done: Release) => void;

export interface LivePoolConfig extends PoolConfig {
  /** Whether the server is another process of this machine, which may end at any time. Without it: never. */
  readonly isGuest?: () => boolean;
}

/**
 * A pool that, as a guest, gives out no connection whose end has already come. A server that ends says so to the kernel at once, but
 * to the pool only when the process comes to read it: a busy one would ask the dead connection first, and could not know
 * whether its statement was run.
 */
export class LivePool extends Pool {
  override connect(): Promise<PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<PoolClient> | void {
    const { isGuest } = this.options as LivePoolConfig;
    const connected = isGuest?.() ? this.connectLive() : super.connect();
    if (!callback) return connected;
    connected.then(
      (client) => callback(undefined, client, (error) => client.release(error)),
      (error: Error) => callback(error, undefined, () => undefined),
    );
  }

  private async connectLive(): Promise<PoolClient> {
    // As many as may be dead at once, and the one that is made in their place.
    for (let left = this.totalCount; ; left--) {
      const client = await super.connect();
      if ((await isLive(client)) || left <= 0) return client;
      client.release(true);
    }
  }
}

/** Of the event loop: the first ends what was read before, the second reads what has come since, the third closes. */
const TURNS = 3;

async function isLive(client: PoolClient): Promise<boolean> {
  let error: Error | null = null;
  const onError = (lost: Error): void => void (error = lost);
  client.on('error', onError);
  for (let turn = 0; turn < TURNS; turn++) await nextTurn();
  client.off('error', onError);
  return error === null;
}
