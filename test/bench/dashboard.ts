/**
 * What the dashboard asks, end to end over HTTP, uncached and cached side by side: facets, search page, totals and
 * analytics over 500, 5,000, 50,000 and 1,000,000 incidents (levels 1 to 4), with the memory that a level's answers take in
 * Redis. A route that does nothing is asked in turn with the others: what it takes is this machine's, at this moment.
 *
 *   npm run bench:dashboard -- [--levels 1,2,3] [--requests 30] [--warm-up 20]
 *
 * On the embedded database, or with DATABASE_URL on that server, whose user makes a database for each level. A Redis is
 * started for it. Fails when a target is not met; a million incidents have none, and are there to be looked at.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '@app/config';
import { openPersistence } from '@app/persistence';
import { IssueApiKey } from '@app/pipeline';
import { Redis } from 'ioredis';
import { AS_SHIPPED, freePort, ProductProcess } from '../support/product-process.js';
import { createServerDatabase } from '../support/server-database.js';
import { startRedisServer } from '../support/redis-server.js';
import { makeFigures } from './figure-rows.js';
import { makeIncidents } from './incident-rows.js';

const { values } = parseArgs({
  options: {
    levels: { type: 'string', default: '1,2,3' },
    requests: { type: 'string', default: '30' },
    'warm-up': { type: 'string', default: '20' },
  },
});
const REQUESTS = Number(values.requests);
/** Rounds that are not measured: the first fills the cache, the others let the server's code be compiled. */
const WARM_UP = Number(values['warm-up']);
const INCIDENTS: Readonly<Record<string, number>> = { 1: 500, 2: 5_000, 3: 50_000, 4: 1_000_000 };
const TARGETS = { facets: 60, search: 20, stats: 20, analytics: 20, cached: 5, redisMegabytes: 20 } as const;
const BYTES_PER_MEGABYTE = 1_048_576;
/** Levels from here on are beyond what was promised. */
const BEYOND = 4;
const WEEK_MS = 7 * 86_400_000;

type Kind = 'bare' | 'facets' | 'search' | 'stats' | 'analytics';
interface Question {
  readonly kind: Kind;
  readonly name: string;
  readonly path: string;
}

const missed: string[] = [];
console.log(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}; p50 in ms\n`);
console.log(row(['incidents', 'question', 'uncached', 'cached', '× nothing', 'queries', 'database ms']));
for (const level of values.levels.split(',')) await measure(level);
if (missed.length > 0) {
  console.log(`\nNOT met:\n${missed.join('\n')}`);
  process.exitCode = 1;
} else console.log('\nevery target is met');

async function measure(level: string): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'devflowfix-bench-'));
  const server = process.env['DATABASE_URL'];
  const database = server ? await createServerDatabase(server) : null;
  const store = { DATA_DIR: dataDir, ...(database ? { DATABASE_URL: database.url } : {}) };
  const redis = await startRedisServer();
  try {
    const count = INCIDENTS[level]!;
    const startedAt = performance.now();
    const { projects, key } = await prepare(store, count);
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    console.log(row([`${count}`, `made in ${seconds} s`]));
    const questions = questionsOf(projects);
    const uncached = await withProduct({ ...store, CACHE_ENABLED: 'false' }, (url) =>
      ask(url, key, questions, false),
    );
    const client = new Redis(redis.url);
    const before = await usedMemory(client);
    const cached = await withProduct({ ...store, REDIS_URL: redis.url }, async (url) => {
      const answers = await ask(url, key, questions, true);
      await askMuch(url, key, projects);
      return answers;
    });
    const megabytes = ((await usedMemory(client)) - before) / BYTES_PER_MEGABYTE;
    const entries = await client.dbsize();
    client.disconnect();
    questions.forEach(({ kind, name }, index) => {
      const slow = uncached[index]!;
      const fast = cached[index]!;
      const figures = [slow.p50, fast.p50].map((ms) => ms.toFixed(1));
      const ratio = (fast.p50 / cached[0]!.p50).toFixed(1);
      console.log(row([`${count}`, `${kind}: ${name}`, ...figures, ratio, slow.queries, slow.databaseMs]));
      if (Number(level) >= BEYOND) return;
      if (kind === 'bare') return;
      check(`${count} ${kind} (${name}) uncached`, slow.p50, TARGETS[kind]);
      check(`${count} ${kind} (${name}) cached`, fast.p50, TARGETS.cached);
    });
    console.log(row([`${count}`, `Redis: ${entries} keys`, '', `${megabytes.toFixed(1)} MB`, '', '']));
    if (level === '2') check('Redis memory at level 2 (MB)', megabytes, TARGETS.redisMegabytes);
  } finally {
    await redis.stop();
    await database?.remove();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function prepare(
  store: Record<string, string>,
  count: number,
): Promise<{ projects: string[]; key: string }> {
  const persistence = await openPersistence(loadConfig({ ...store, LOG_LEVEL: 'silent' }), {
    queryTimeoutMs: 600_000,
  });
  try {
    const projects = await makeIncidents(persistence.dataSource, count);
    await makeFigures(persistence.dataSource);
    const { key } = await new IssueApiKey(persistence.apiKeys).run('bench', 'viewer', null);
    return { projects, key };
  } finally {
    await persistence.close();
  }
}

async function withProduct<T>(env: Record<string, string>, work: (url: string) => Promise<T>): Promise<T> {
  const settings = {
    PORT: String(await freePort()),
    LOG_LEVEL: 'warn',
    RATELIMIT_ENABLED: 'false',
    ...env,
  };
  const product = await ProductProcess.spawn('api', settings, AS_SHIPPED).ready();
  try {
    return await work(product.url);
  } finally {
    await product.stop();
  }
}

function asked(kind: Kind, path: string, questions: Readonly<Record<string, string>>): Question[] {
  return Object.entries(questions).map(([name, query]) => ({ kind, name, path: `${path}?${query}` }));
}

function questionsOf([project]: readonly string[]): Question[] {
  const week = new Date(Date.now() - WEEK_MS).toISOString();
  const incidents = '/api/v1/incidents';
  return [
    // What HTTP itself takes on this machine at this moment.
    { kind: 'bare', name: 'a route that does nothing', path: '/health/live' },
    ...asked('facets', `${incidents}/facets`, {
      all: '',
      'a project': `project=${project}`,
      'a status': 'status=diagnosed',
      'a category': 'category=network',
      'a week': `from=${week}`,
      'rare words': 'q=widget77+gadget13',
      'a common word': 'q=deploy',
    }),
    ...asked('search', incidents, {
      newest: 'limit=25',
      'a project': `limit=25&project=${project}`,
      'a status': 'limit=25&status=escalated',
      'rare words': 'limit=25&q=widget77+gadget13',
      'common words': 'limit=25&q=deploy+assignable',
      'words and filters': 'limit=25&q=build&category=network&severity=critical',
    }),
    ...asked('stats', `${incidents}/stats`, { all: '', 'a project': `project=${project}` }),
    ...asked('analytics', '/api/v1/analytics/overview', {
      'overview of 30 days': '',
      'overview of a year': 'days=365',
      'overview of a project': `project=${project}`,
    }),
    ...asked('analytics', '/api/v1/analytics/trends', { trends: '' }),
    ...asked('analytics', '/api/v1/analytics/mttr', { mttr: '' }),
    ...asked('analytics', '/api/v1/analytics/top', { 'top patterns': '', 'top jobs': 'by=job' }),
    ...asked('analytics', '/api/v1/analytics/flaky', { flaky: '' }),
    ...asked('analytics', `/api/v1/analytics/repositories/${project}/health`, { health: '' }),
  ];
}

interface Answered {
  readonly p50: number;
  readonly queries: string;
  readonly databaseMs: string;
}

async function ask(
  url: string,
  key: string,
  questions: readonly Question[],
  isCached: boolean,
): Promise<Answered[]> {
  const times = questions.map((): number[] => []);
  const last: Headers[] = [];
  for (let round = -WARM_UP; round < REQUESTS; round += 1)
    for (const [index, { kind, path }] of questions.entries()) {
      const startedAt = performance.now();
      const response = await fetch(url + path, { headers: { authorization: `Bearer ${key}` } });
      await response.text();
      const tookMs = performance.now() - startedAt;
      const expected = kind === 'bare' ? null : isCached ? 'HIT' : 'BYPASS';
      if (!response.ok) throw new Error(`${path} answered ${response.status}`);
      if (round < 0) continue;
      if (response.headers.get('x-cache') !== expected)
        throw new Error(`${path} should be a ${expected}, and is ${response.headers.get('x-cache')}`);
      times[index]!.push(tookMs);
      last[index] = response.headers;
    }
  return times.map((each, index) => ({
    p50: each.toSorted((a, b) => a - b)[each.length >> 1]!,
    queries: last[index]!.get('x-query-count') ?? '',
    databaseMs: last[index]!.get('x-query-time') ?? '',
  }));
}

/** What a busy day leaves in the cache: facets and four pages of each search, for every project and forty words. */
async function askMuch(url: string, key: string, projects: readonly string[]): Promise<void> {
  const get = async (path: string): Promise<{ nextCursor?: string | null }> => {
    const response = await fetch(`${url}/api/v1/incidents${path}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return (await response.json()) as { nextCursor?: string | null };
  };
  const words = Array.from({ length: 40 }, (_, index) => `q=widget${index + 1}`);
  const filters = [
    ...projects.map((project) => `project=${project}`),
    ...words,
    'status=diagnosed',
    'branch=main',
  ];
  for (const filter of filters) {
    await get(`/facets?${filter}`);
    let cursor = '';
    for (let page = 0; page < 4; page += 1) {
      const { nextCursor } = await get(`?limit=25&${filter}${cursor}`);
      if (!nextCursor) break;
      cursor = `&cursor=${nextCursor}`;
    }
  }
  for (const project of projects) await get(`/stats?project=${project}`);
}

async function usedMemory(client: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await client.info('memory'))![1]);
}

function check(what: string, figure: number, bound: number): void {
  if (figure > bound) missed.push(`${what}: ${figure.toFixed(1)}, target ≤ ${bound}`);
}

function row([incidents = '', question = '', ...figures]: readonly string[]): string {
  return `${incidents.padStart(9)}  ${question.padEnd(28)} ${figures.map((each) => each.padStart(11)).join(' ')}`;
}
