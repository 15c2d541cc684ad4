import type { RedisEndpoint } from '@app/config';
import { createClient } from '@redis/client';

const CONNECT_TIMEOUT_MS = 300;

/**
 * Where the master is that the first sentinel to answer names.
 * @throws when none answers or knows it
 */
export async function masterOf(endpoint: RedisEndpoint): Promise<{ host: string; port: number }> {
  let reason: unknown;
  for (const sentinel of endpoint.nodes) {
    try {
      return await ask(sentinel, endpoint);
    } catch (error) {
      reason = error;
    }
  }
  throw new Error(`No sentinel names the master “${endpoint.sentinelName}”.`, { cause: reason });
}

async function ask(
  sentinel: { readonly host: string; readonly port: number },
  { sentinelName, socketTimeoutMs }: RedisEndpoint,
): Promise<{ host: string; port: number }> {
  const limits = { connectTimeout: CONNECT_TIMEOUT_MS, socketTimeout: socketTimeoutMs };
  const client = createClient({ socket: { ...sentinel, ...limits, reconnectStrategy: false } });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const answer = await client.sendCommand(['SENTINEL', 'get-master-addr-by-name', sentinelName!]);
    const [host, port] = Array.isArray(answer) ? answer.map(String) : [];
    if (host === undefined) throw new Error(`The sentinel knows no master “${sentinelName}”.`);
    return { host, port: Number(port) };
  } finally {
    client.destroy();
  }
}
