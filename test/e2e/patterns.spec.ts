import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../support/cli.js';
import { RunningProduct, failingLog } from '../support/running-product.js';

interface Incident {
  id: string;
  status: string;
  projectId: string;
  fingerprint: string;
  diagnosis: { rootCause: string; rootCauseBy: string; reused: boolean } | null;
}
interface Pattern {
  fingerprint: string;
  occurrences: number;
  muted: object | null;
  mergedFingerprints: string[];
  mergeCandidates: { fingerprint: string; score: number }[];
  history: { kind: string; by: string }[];
}
interface Across {
  occurrences: number;
  patterns: Pattern[];
}

let product: RunningProduct;
beforeAll(async () => {
  product = await RunningProduct.start();
});
afterAll(() => product.stop());

const isSettled = ({ status }: Incident) => status !== 'received' && status !== 'diagnosing';
const incident = (id: string) => product.until<Incident>(`/api/v1/incidents/${id}`, isSettled);

async function submit(log: string): Promise<Incident> {
  const response = await product.request('/api/v1/incidents?repository=acme/patterns&job=build', {
    method: 'POST',
    body: log,
    headers: { 'content-type': 'text/plain' },
  });
  const { id } = (await response.json()) as { id: string };
  return incident(id);
}
const send = (method: string, path: string, body: object, key?: string) =>
  product.request(`/api/v1${path}`, {
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
  });
const keyFor = (role: 'viewer' | 'operator', ...projects: string[]) =>
  createKey(product.storeEnvironment, role, ...projects);

const otherLog = failingLog()
  .replaceAll('TS2322', 'TS2345')
  .replaceAll('assignable to type', 'assignable to');

describe('failure patterns', () => {
  it('are listed, muted, merged and told apart again', async () => {
    const first = await submit(failingLog());
    await submit(failingLog());
    const second = await submit(otherLog);
    expect(second.fingerprint).not.toBe(first.fingerprint);
    const project = first.projectId;

    const list = await product.json<{ items: Pattern[] }>(`/api/v1/patterns?project=${project}`);
    expect(list.items.map(({ fingerprint, occurrences }) => [fingerprint, occurrences])).toEqual([
      [second.fingerprint, 1],
      [first.fingerprint, 2],
    ]);

    const path = `/patterns/${encodeURIComponent(first.fingerprint)}`;
    const detail = await product.json<Across>(`/api/v1${path}`);
    expect(detail).toMatchObject({ occurrences: 2, patterns: [{ muted: null, history: [] }] });
    expect(detail.patterns[0]!.mergeCandidates).toEqual([
      expect.objectContaining({ fingerprint: second.fingerprint }),
    ]);

    const muted = await send('PATCH', path, { muted: true, reason: 'Known.' });
    expect(await muted.json()).toMatchObject({
      patterns: [{ muted: { reason: 'Known.', by: expect.any(String) } }],
    });
    expect(await submit(failingLog())).toMatchObject({ status: 'ignored', diagnosis: { reused: true } });
    await send('PATCH', path, { muted: false });

    const merge = { project, source: second.fingerprint, target: first.fingerprint };
    const merged = (await (await send('POST', '/patterns/merge', merge)).json()) as Across;
    expect(merged.patterns[0]).toMatchObject({ occurrences: 4, mergedFingerprints: [second.fingerprint] });
    expect(await submit(otherLog)).toMatchObject({ fingerprint: first.fingerprint, status: 'diagnosed' });

    const undo = { project, fingerprint: second.fingerprint };
    const undone = (await (await send('POST', '/patterns/unmerge', undo)).json()) as Across;
    expect(undone.patterns[0]).toMatchObject({ fingerprint: second.fingerprint, occurrences: 2 });
    const { patterns } = await product.json<Across>(`/api/v1${path}`);
    expect(patterns[0]!.history.map(({ kind }) => kind)).toEqual(['muted', 'unmuted', 'merged', 'unmerged']);
  });

  it('exist for nobody outside their projects, and are changed by operators alone', async () => {
    const { fingerprint, projectId } = await submit(failingLog());
    const path = `/patterns/${encodeURIComponent(fingerprint)}`;
    const other = (await (await send('POST', '/projects', { repository: 'acme/others' })).json()) as Incident;
    const stranger = await keyFor('operator', other.id);
    const headers = { authorization: `Bearer ${stranger}` };
    expect((await product.request(`/api/v1${path}`, { headers })).status).toBe(404);
    const empty = await product.request(`/api/v1/patterns`, { headers });
    expect(await empty.json()).toEqual({ items: [], nextCursor: null });
    expect((await send('PATCH', path, { muted: true }, stranger)).status).toBe(404);
    const merge = { project: projectId, source: fingerprint, target: fingerprint };
    expect((await send('POST', '/patterns/merge', merge, stranger)).status).toBe(404);
    const viewer = await keyFor('viewer');
    expect((await send('PATCH', path, { muted: true }, viewer)).status).toBe(403);
  });
});

describe('a verdict', () => {
  it('that tells the real cause makes it the answer, here and for the next failure', async () => {
    const log = failingLog().replaceAll('TS2322', 'TS2554');
    const first = await submit(log);
    const body = { rootCause: 'wrong', actualCause: 'The generated types were stale.' };
    const given = await send('POST', `/incidents/${first.id}/feedback`, body);
    expect(given.status).toBe(201);
    expect(await given.json()).toMatchObject({
      judgedCause: first.diagnosis!.rootCause,
      diagnosedAnew: true,
    });
    const anew = await product.until<Incident>(
      `/api/v1/incidents/${first.id}`,
      ({ status, diagnosis }) => status === 'diagnosed' && diagnosis?.rootCauseBy === 'person',
    );
    expect(anew.diagnosis!.rootCause).toBe('The generated types were stale.');
    expect((await submit(log)).diagnosis).toMatchObject({
      rootCause: 'The generated types were stale.',
      rootCauseBy: 'person',
      reused: true,
    });
    const said = await product.json<{ items: object[] }>(`/api/v1/incidents/${first.id}/feedback`);
    expect(said.items).toMatchObject([{ rootCause: 'wrong', solution: 'not_tried' }]);
  });

  it('of the rules that nobody corrects is not given again', async () => {
    const log = failingLog().replaceAll('TS2322', 'TS2741');
    const first = await submit(log);
    await send('POST', `/incidents/${first.id}/feedback`, { rootCause: 'wrong' });
    const cause = first.diagnosis!.rootCause;
    await product.until<Incident>(
      `/api/v1/incidents/${first.id}`,
      ({ status, diagnosis }) => status === 'diagnosed' && diagnosis!.rootCause !== cause,
    );
    expect((await submit(log)).diagnosis!.rootCause).not.toBe(cause);
  });

  it('is refused where it contradicts itself, and from viewers', async () => {
    const { id } = await submit(failingLog());
    const path = `/incidents/${id}/feedback`;
    expect((await send('POST', path, { rootCause: 'correct', actualCause: 'x' })).status).toBe(400);
    expect((await send('POST', path, { rootCause: 'maybe' })).status).toBe(400);
    expect((await send('POST', path, { rootCause: 'wrong' }, await keyFor('viewer'))).status).toBe(403);
  });
});
