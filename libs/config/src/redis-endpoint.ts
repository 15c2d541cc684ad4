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
  /** Of queues, locks and events; null without REDIS_URL and REDIS_HOST. */
  readonly url: string | null;
  readonly main: RedisEndpoint | null;
  readonly cache: RedisEndpoint | null;
  /** The address of the cache's Redis where one URL can say it. */
  readonly cacheUrl: string | null;
}

/**
 * Which Redis serves what. REDIS_URL goes before REDIS_HOST, REDIS_PASSWORD before its alias REDIS_AUTH, a password in
 * a URL before both; for the cache: cluster, sentinels, CACHE_REDIS_URL, then the Redis of the queues.
 * @param problems gets what is missing or doesn't fit together
 */
export function redisEndpoints(env: Env, problems: string[]): RedisEndpoints {
  if (!env.REDIS_ENABLED) return { url: null, main: null, cache: null, cacheUrl: null };
  const url = env.REDIS_URL === undefined ? urlOfParts(env) : withPassword(env.REDIS_URL, env);
  const main = url === null ? null : ofUrl(url, env);
  const cluster = nodesOf(env.CACHE_REDIS_CLUSTER_NODES, 'CACHE_REDIS_CLUSTER_NODES', problems);
  const sentinels = nodesOf(env.CACHE_REDIS_SENTINELS, 'CACHE_REDIS_SENTINELS', problems);
  if (cluster.length > 0 && sentinels.length > 0)
    problems.push(
      'CACHE_REDIS_CLUSTER_NODES and CACHE_REDIS_SENTINELS are both set: a Redis is run one way. Keep one.',
    );
  if (cluster.length > 0 && env.REDIS_DB !== 0)
    problems.push('REDIS_DB: a Redis Cluster has only database 0.');
  if (cluster.length > 0) return { url, main, cacheUrl: null, cache: ofNodes('cluster', cluster, env) };
  if (sentinels.length > 0) return { url, main, cacheUrl: null, cache: ofNodes('sentinel', sentinels, env) };
  const cacheUrl = env.CACHE_REDIS_URL === undefined ? url : withPassword(env.CACHE_REDIS_URL, env);
  return { url, main, cacheUrl, cache: cacheUrl === null ? null : ofUrl(cacheUrl, env) };
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

function ofNodes(mode: 'sentinel' | 'cluster', nodes: RedisEndpoint['nodes'], env: Env): RedisEndpoint {
  return {
    ...common(env),
    mode,
    nodes,
    sentinelName: mode === 'sentinel' ? env.CACHE_REDIS_SENTINEL_NAME : null,
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
