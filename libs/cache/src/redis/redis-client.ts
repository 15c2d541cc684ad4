import { readFileSync } from 'node:fs';
import type { RedisEndpoint } from '@app/config';
import { createClient, createCluster, type RedisClusterType } from '@redis/client';

/** TCP and TLS handshakes that take longer have failed. */
const CONNECT_TIMEOUT_MS = 300;
const RECONNECT_FIRST_MS = 50;
const RECONNECT_MAX_MS = 500;
/** Keeps a healthy socket from being silent for as long as its time limit. */
const PING_INTERVAL_MS = 1_000;

/** The client for one server; that for a cluster answers to the same commands. */
export type RedisClient = ReturnType<typeof createClient>;

/**
 * A client that isn't connected yet, reconnects for ever, and refuses commands while it is not connected. Behind
 * sentinels it is one that is never connected: RedisConnection makes another for each master they name.
 */
export function createRedisClient(endpoint: RedisEndpoint): RedisClient {
  if (endpoint.mode !== 'cluster') return singleClient(endpoint, endpoint.nodes[0]!);
  return createCluster({
    rootNodes: endpoint.nodes.map((node) => ({ socket: node })),
    defaults: common(endpoint),
  }) as unknown as RedisClient;
}

/** A client for one concrete server of the endpoint. */
export function singleClient(
  endpoint: RedisEndpoint,
  node: { readonly host: string; readonly port: number },
  reconnects = true,
): RedisClient {
  const options = common(endpoint);
  const reconnectStrategy = reconnects ? options.socket.reconnectStrategy : (false as const);
  return createClient({
    ...options,
    socket: { ...options.socket, ...node, reconnectStrategy },
  }) as RedisClient;
}

export function isCluster(client: RedisClient): boolean {
  return 'masters' in client;
}

/** The clients of all servers that hold keys: one, but for a cluster. */
export async function keyHolders(client: RedisClient): Promise<RedisClient[]> {
  if (!isCluster(client)) return [client];
  const cluster = client as unknown as RedisClusterType;
  return Promise.all(
    cluster.masters.map(async (master) => (await cluster.nodeClient(master)) as unknown as RedisClient),
  );
}

function common(endpoint: RedisEndpoint) {
  return {
    username: endpoint.username ?? undefined,
    password: endpoint.password ?? undefined,
    database: endpoint.database === 0 ? undefined : endpoint.database,
    disableOfflineQueue: true,
    pingInterval: PING_INTERVAL_MS,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: endpoint.socketTimeoutMs,
      reconnectStrategy: (retries: number): number =>
        Math.min(RECONNECT_FIRST_MS * 2 ** retries, RECONNECT_MAX_MS),
      ...tlsOf(endpoint),
    },
  };
}

function tlsOf(endpoint: RedisEndpoint): { tls?: true; ca?: Buffer } {
  if (!endpoint.tls) return {};
  return endpoint.tlsCaFile === null ? { tls: true } : { tls: true, ca: readFileSync(endpoint.tlsCaFile) };
}
