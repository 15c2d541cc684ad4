import type { Env } from './env-schema.js';

const DEFAULT_PORT = 6379;

/** How a Redis is reached, whichever way it is run. */
export interface RedisEndpoint {
  readonly mode: 'single' | 'sentinel' | 'cluster';
  /** The server; in the other modes the sentinels or the nodes to begin with. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** The name under which sentinels know the master; null in the other modes. */
  readonly sentinelName: string | null;
  readonly username: string | null;
  readonly password: string | null;
  /** Number of the database; a cluster has only 0. */
  readonly database: number;
  readonly tls: boolean;
  /** PEM file of the authority that signed the server's certificate; null: those the system trusts. */
  readonly tlsCaFile: string | null;
  /** A socket without a word for so long is closed. */
  readonly socketTimeoutMs: number;
}

/** What the REDIS_… variables come to. */
export interface RedisEndpoints {
  /** Of queues, locks and events; null without REDIS_URL, REDIS_HOST and REDIS_SENTINELS. */
  readonly main: RedisEndpoint | null;
  /** Its address where one URL can say it. */
  readonly url: string | null;
  readonly cache: RedisEndpoint | null;
  /** The address of the cache's Redis where one URL can say it. */
  readonly cacheUrl: string | null;
}

/**
 * Which Redis serves what. Sentinels go before REDIS_URL, that before REDIS_HOST, REDIS_PASSWORD before its alias
 * REDIS_AUTH, a password in a URL before both; for the cache: cluster, sentinels, CACHE_REDIS_URL, then the Redis of the queues.
 * @param problems gets what is missing or doesn't fit together
 */
export function redisEndpoints(env: Env, problems: string[]): RedisEndpoints {
  if (!env.REDIS_ENABLED) return { url: null, main: null, cache: null, cacheUrl: null };
  const { url, main } = mainEndpoint(env, problems);
  const cluster = nodesOf(env.CACHE_REDIS_CLUSTER_NODES, 'CACHE_REDIS_CLUSTER_NODES', problems);
  const sentinels = nodesOf(env.CACHE_REDIS_SENTINELS, 'CACHE_REDIS_SENTINELS', problems);
  if (cluster.length > 0 && sentinels.length > 0)
    problems.push(
      'CACHE_REDIS_CLUSTER_NODES and CACHE_REDIS_SENTINELS are both set: a Redis is run one way. Keep one.',
    );
  if (cluster.length > 0 && env.REDIS_DB !== 0)
    problems.push('REDIS_DB: a Redis Cluster has only database 0.');
  const ofCache = { url, main, cacheUrl: null };
  if (cluster.length > 0) return { ...ofCache, cache: ofNodes('cluster', cluster, null, env) };
  if (sentinels.length > 0)
    return { ...ofCache, cache: ofNodes('sentinel', sentinels, env.CACHE_REDIS_SENTINEL_NAME, env) };
  if (env.CACHE_REDIS_URL === undefined) return { url, main, cacheUrl: url, cache: main };
  const cacheUrl = withPassword(env.CACHE_REDIS_URL, env);
  return { url, main, cacheUrl, cache: ofUrl(cacheUrl, env) };
}

function mainEndpoint(env: Env, problems: string[]): Pick<RedisEndpoints, 'url' | 'main'> {
  // BullMQ, locks, limits and events would need all their keys in one slot: the cluster would do a single server's work.
  if (env.REDIS_CLUSTER_NODES !== undefined)
    problems.push(
      'REDIS_CLUSTER_NODES: queues, locks and limits need one server. Name it in REDIS_URL or REDIS_SENTINELS, and the cluster, for the cache, in CACHE_REDIS_CLUSTER_NODES.',
    );
  const sentinels = nodesOf(env.REDIS_SENTINELS, 'REDIS_SENTINELS', problems);
  if (sentinels.length > 0)
    return { url: null, main: ofNodes('sentinel', sentinels, env.REDIS_SENTINEL_NAME, env) };
  const url = env.REDIS_URL === undefined ? urlOfParts(env) : withPassword(env.REDIS_URL, env);
  return { url, main: url === null ? null : ofUrl(url, env) };
}

function urlOfParts(env: Env): string | null {
  if (env.REDIS_HOST === undefined) return null;
  const host = env.REDIS_HOST.includes(':') ? `[${env.REDIS_HOST}]` : env.REDIS_HOST;
  const database = env.REDIS_DB === 0 ? '' : `/${env.REDIS_DB}`;
  const scheme = env.REDIS_TLS_ENABLED ? 'rediss' : 'redis';
  return withPassword(`${scheme}://${host}:${env.REDIS_PORT}${database}`, env);
}

/** The URL as given, unless it lacks a password that is configured. */
function withPassword(text: string, env: Env): string {
  const password = passwordOf(env);
  const url = new URL(text);
  if (password === null || url.password !== '') return text;
  if (env.REDIS_USERNAME !== undefined && url.username === '')
    url.username = encodeURIComponent(env.REDIS_USERNAME);
  url.password = encodeURIComponent(password);
  return url.href;
}

function ofUrl(text: string, env: Env): RedisEndpoint {
  const url = new URL(text);
  return {
    ...common(env),
    mode: 'single',
    nodes: [{ host: url.hostname.replaceAll(/[[\]]/g, ''), port: Number(url.port) || DEFAULT_PORT }],
    sentinelName: null,
    username: url.username === '' ? null : decodeURIComponent(url.username),
    password: url.password === '' ? null : decodeURIComponent(url.password),
    database: Number(url.pathname.slice(1)) || 0,
    tls: url.protocol === 'rediss:',
  };
}

function ofNodes(
  mode: 'sentinel' | 'cluster',
  nodes: RedisEndpoint['nodes'],
  sentinelName: string | null,
  env: Env,
): RedisEndpoint {
  return {
    ...common(env),
    mode,
    nodes,
    sentinelName,
    username: env.REDIS_USERNAME ?? null,
    password: passwordOf(env),
    database: env.REDIS_DB,
    tls: env.REDIS_TLS_ENABLED,
  };
}

function common(env: Env): Pick<RedisEndpoint, 'tlsCaFile' | 'socketTimeoutMs'> {
  return { tlsCaFile: env.REDIS_TLS_CA_FILE ?? null, socketTimeoutMs: env.REDIS_SOCKET_TIMEOUT * 1_000 };
}

function passwordOf(env: Env): string | null {
  return env.REDIS_PASSWORD ?? env.REDIS_AUTH ?? null;
}

/** `host:port,host:port` */
function nodesOf(text: string | undefined, variable: string, problems: string[]): RedisEndpoint['nodes'] {
  if (text === undefined) return [];
  return text.split(',').flatMap((each) => {
    const match = /^(.+?)(?::(\d{1,5}))?$/.exec(each.trim());
    const port = Number(match?.[2] ?? DEFAULT_PORT);
    if (match && port <= 65_535) return [{ host: match[1]!, port }];
    problems.push(
      `${variable}: “${each.trim()}” is no address. Write host:port, several separated by commas.`,
    );
    return [];
  });
}
