import { createHash } from 'node:crypto';
import type { RedisConnection } from '../redis/redis-connection.js';

/** A Lua script that Redis runs as one step. Sent whole only when Redis doesn't know it yet. */
export class RedisScript {
  private readonly sha: string;

  constructor(private readonly source: string) {
    this.sha = createHash('sha1').update(source).digest('hex');
  }

  /** @throws what `RedisConnection.run` throws */
  run<T>(
    connection: RedisConnection,
    keys: string | readonly string[],
    args: readonly (string | number)[],
  ): Promise<T> {
    const call = { keys: [keys].flat(), arguments: args.map(String) };
    return connection.run(async () => {
      try {
        return (await connection.client.evalSha(this.sha, call)) as T;
      } catch (error) {
        if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
        return (await connection.client.eval(this.source, call)) as T;
      }
    });
  }
}
