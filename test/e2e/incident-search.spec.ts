import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createKey } from '../support/cli.js';
import { givenServer } from '../support/fresh-store.js';
import { failingLog, RunningProduct } from '../support/running-product.js';

interface Facets {
  total: number;
  status: { value: string; count: number }[];
  category: { value: string | null; count: number }[];
  project: { value: string; count: number; repository: string }[];
}
interface Detail {
  id: string;
  projectId: string;
  status: string;
}
interface Similar {
  items: { incidentId: string; projectId: string; score: number; resolved: boolean }[];
}

const FACETS = '/api/v1/incidents/facets';
const WAIT = { timeout: 20_000, interval: 50 };
const STATS = '/api/v1/incidents/stats';

describe('searching incidents', () => {
  let product: RunningProduct;
  let ours: Detail;
  let theirs: Detail;
  let scoped: string;

  beforeAll(async () => {
    product = await RunningProduct.start();
    const fail = async (repository: string, id: number): Promise<Detail> => {
      const run = { repository, id };
      const cause = `src/widget${id % 2}.ts(41,7): error TS2322: Type 'string' is not assignable to type 'number'.`;
      const opened = await product.failJob(run, { id: id * 10, name: `build ${id}`, log: failingLog(cause) });
      return product.until<Detail>(`/api/v1/incidents/${opened}`, ({ status }) => status === 'diagnosed');
    };
    ours = await fail('acme/ours', 501);
    theirs = await fail('acme/theirs', 503);
    await fail('acme/ours', 502);
    scoped = await createKey(product.storeEnvironment, 'viewer', ours.projectId);
  });
  afterAll(() => product.stop());

  const asScoped = (path: string): Promise<Response> =>
    product.request(path, { headers: { authorization: `Bearer ${scoped}` } });
  const scopedJson = async <T>(path: string): Promise<T> => (await (await asScoped(path)).json()) as T;

  it('counts by facet under the filters of the list, for each caller what it may see', async () => {
    const all = await product.json<Facets>(FACETS);
    expect(all.total).toBe(3);
    expect(all.status).toEqual([{ value: 'diagnosed', count: 3 }]);
    expect(all.project.map(({ repository, count }) => [repository, count])).toEqual([
      ['acme/ours', 2],
      ['acme/theirs', 1],
    ]);
    expect((await product.json<Facets>(`${FACETS}?project=${theirs.projectId}`)).total).toBe(1);
    expect((await product.json<Facets>(`${FACETS}?q=build+502&status=diagnosed`)).total).toBe(1);
    const own = await scopedJson<Facets>(FACETS);
    expect(own.project.map(({ repository }) => repository)).toEqual(['acme/ours']);
    expect((await scopedJson<Facets>(`${FACETS}?project=${theirs.projectId}`)).total).toBe(0);
  });

  it('adds up totals, and says when they were counted', async () => {
    const stats = await product.json<{ total: number; lastUpdatedAt: string }>(STATS);
    expect(stats).toMatchObject({ total: 3, open: 3, openedLastDay: 3, byStatus: { diagnosed: 3 } });
    expect(Date.parse(stats.lastUpdatedAt)).toBeGreaterThan(Date.now() - 60_000);
    expect(await scopedJson(STATS)).toMatchObject({ total: 2 });
    expect(await scopedJson(`${STATS}?project=${theirs.projectId}`)).toMatchObject({ total: 0 });
  });

  it('answers the same question again from the cache, without a query of its own', async () => {
    // Work that is still going on may drop an answer between two questions: another one is asked then.
    let asked = 0;
    const [path, first, second] = await vi.waitFor(async () => {
      const path = `${FACETS}?branch=unasked-${(asked += 1)}`;
      const answers = [await product.request(path), await product.request(path)] as const;
      expect(answers.map(({ headers }) => headers.get('x-cache'))).toEqual(['MISS', 'HIT']);
      return [path, ...answers] as const;
    }, WAIT);
    expect(await second.text()).toBe(await first.text());
    for (const header of ['x-request-id', 'x-process-time', 'x-query-count', 'x-query-time'])
      expect(second.headers.get(header)).toMatch(/\w/);
    const queries = [first, second].map(({ headers }) => Number(headers.get('x-query-count')));
    // The caller's key, which is asked for once a second, may be among the queries of either.
    expect(queries[0]).toBeGreaterThanOrEqual(1);
    expect(queries[1]).toBeLessThanOrEqual(1);
    // Another caller's question is another one.
    expect((await asScoped(path)).headers.get('x-cache')).toBe('MISS');
    // What is not cached says nothing of it.
    expect((await product.request(`/api/v1/incidents/${ours.id}`)).headers.get('x-cache')).toBeNull();
  });

  it('tells who has a cached answer already that it is the same', async () => {
    const first = await product.request(FACETS);
    const etag = first.headers.get('etag')!;
    const asked = (tag: string, headers = {}) =>
      product.request(FACETS, { headers: { 'If-None-Match': tag, ...headers } });
    const same = await asked(`"another", W/${etag}`);
    expect(same.status).toBe(304);
    expect(await same.text()).toBe('');
    expect(same.headers.get('etag')).toBe(etag);
    expect(same.headers.get('cache-control')).toBe('private, no-cache');
    expect((await asked('"another"')).status).toBe(200);
    // What others see is another answer, and without a key there is none.
    expect((await asScoped(FACETS)).headers.get('etag')).not.toBe(etag);
    expect((await asked(etag, { authorization: 'Bearer nobody' })).status).toBe(401);
    expect((await product.request(`/api/v1/incidents/${ours.id}`)).headers.get('etag')).toBeNull();
  });

  it('shows a new incident in lists and counts that were cached before', async () => {
    const list = '/api/v1/incidents?limit=7';
    expect((await product.untilHit(list)).status).toBe(200);
    const before = await product.json<{ total: number }>(STATS);
    const id = await product.failJob(
      { repository: 'acme/ours', id: 601 },
      { id: 6010, name: 'late', log: failingLog() },
    );
    await product.until<{ items: Detail[] }>(list, ({ items }) =>
      items.some((each) => each.id === id && each.status === 'diagnosed'),
    );
    await product.until<{ total: number }>(STATS, ({ total }) => total === before.total + 1);
  });

  it('finds similar incidents with scores, of projects that the caller may see', async () => {
    const path = `/api/v1/incidents/${ours.id}/similar`;
    expect((await product.json<Similar>(path)).items).toEqual([]);
    const { items } = await product.json<Similar>(`${path}?resolved=false`);
    expect(items.map(({ incidentId }) => incidentId)).toContain(theirs.id);
    expect(items.every(({ score }) => score >= 0.7 && score <= 1)).toBe(true);
    expect(items.map(({ incidentId }) => incidentId)).not.toContain(ours.id);
    const own = await scopedJson<Similar>(`${path}?resolved=false`);
    expect(own.items.length).toBeGreaterThan(0);
    expect(own.items.every(({ projectId }) => projectId === ours.projectId)).toBe(true);
    expect((await asScoped(`/api/v1/incidents/${theirs.id}/similar`)).status).toBe(404);
    const again = (await (await product.untilHit(`${path}?resolved=false`)).json()) as Similar;
    expect(again.items.map(({ incidentId }) => incidentId)).toContain(theirs.id);
  });

  it('tells which statements take the time, without what was asked', async () => {
    const figures = await product.json<{ queries: number; slowest: { statement: string; count: number }[] }>(
      '/api/v1/performance/database',
    );
    expect(figures).toMatchObject({ mode: givenServer() === null ? 'embedded' : 'server' });
    expect(figures.queries).toBeGreaterThan(10);
    expect(figures.slowest.length).toBeGreaterThan(3);
    expect(figures.slowest.some(({ statement }) => statement.includes('$1'))).toBe(true);
    expect(JSON.stringify(figures)).not.toContain(ours.id);
  });

  it.each([
    `${FACETS}?colour=blue`,
    `${FACETS}?status=lost`,
    `${FACETS}?q=%20`,
    `${FACETS}?from=yesterday`,
    `${STATS}?q=x`,
    `/api/v1/incidents?q=`,
    `/api/v1/incidents/00000000-0000-4000-8000-000000000000/similar?threshold=2`,
    `/api/v1/incidents/00000000-0000-4000-8000-000000000000/similar?limit=0`,
    `/api/v1/incidents/00000000-0000-4000-8000-000000000000/similar?days=many`,
  ])('refuses %s', async (path) => {
    const response = await product.request(path);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { detail: string }).detail.length).toBeGreaterThan(5);
  });
});
