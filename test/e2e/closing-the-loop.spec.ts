import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workflowJobEvent, workflowRunEvent, type RunSeed } from '@app/github';
import { createKey } from '../support/cli.js';
import { RunningProduct, failingLog } from '../support/running-product.js';

interface IncidentAnswer {
  readonly id: string;
  readonly status: string;
  readonly occurrences: number;
  readonly ownWork: boolean;
  readonly verifiedBy: { runId: number; attempt: number; jobId: number } | null;
}
interface ProjectAnswer {
  readonly id: string;
  readonly repository: string;
  readonly webhookSecret: { active: number; previousUntil: string | null };
  readonly settings: { modelPolicy: { allowsOutsideModel: boolean; dailyUsd: number | null } };
}

const job = { name: 'build', failedStep: 'Run build', log: failingLog() };
const noon = Date.UTC(2026, 10, 20, 12);
const at = (minute: number) => new Date(noon + minute * 60_000);

const incident = (id: string) => `/api/v1/incidents/${id}`;
const green = (repository: string): RunSeed => ({ repository, id: 990, conclusion: 'success' });

describe('a repair', () => {
  /** A key that is bound to one project. */
  const keyFor = (projectId: string) => createKey(product.storeEnvironment, 'operator', projectId);
  let product: RunningProduct;
  beforeAll(async () => {
    product = await RunningProduct.start({
      GITHUB_TOKEN: 'token',
      RECONCILE_INTERVAL_MS: '500',
      OUTBOX_GRACE_MS: '500',
      OUTBOX_SWEEP_INTERVAL_MS: '200',
    });
  });
  afterAll(async () => {
    await product.stop();
  });
  const fail = async (run: RunSeed, id: number) => {
    const opened = await product.failJob({ completedAt: at(1), ...run }, { ...job, id });
    await product.until<IncidentAnswer>(incident(opened), ({ status }) => status === 'diagnosed');
    return opened;
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    product.request(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });

  it('by a later run of the same job is verified, with its run looked up where nothing told of it', async () => {
    const repository = 'acme/later';
    const id = await fail({ repository, id: 900 }, 9_001);
    const passed = { id: 9_101, name: 'build', conclusion: 'success', completedAt: at(9) };
    const run: RunSeed = { repository, id: 910, conclusion: 'success', completedAt: at(9), jobs: [passed] };
    product.github.addRun(run);
    await product.deliver('workflow_job', workflowJobEvent(run, passed));
    const resolved = await product.until<IncidentAnswer>(incident(id), ({ status }) => status === 'resolved');
    expect(resolved.verifiedBy).toMatchObject({ runId: 910, attempt: 1, jobId: 9_101 });
    const { items } = await product.json<{ items: { kind: string; to: string | null }[] }>(
      `${incident(id)}/timeline`,
    );
    expect(items.findLast(({ kind }) => kind === 'moved')).toMatchObject({ to: 'resolved' });
  });

  it('by a run whose job was skipped is none; a rerun that fails again is another occurrence', async () => {
    const repository = 'acme/skipped';
    const id = await fail({ repository, id: 920 }, 9_201);
    const skipped = { id: 9_301, name: 'build', conclusion: 'skipped', completedAt: at(9) };
    const run: RunSeed = { repository, id: 930, conclusion: 'success', completedAt: at(9), jobs: [skipped] };
    product.github.addRun(run);
    const delivered = await product.deliver('workflow_run', workflowRunEvent(run));
    const { deliveryId } = (await delivered.json()) as { deliveryId: string };
    await product.until<{ items: { id: string; status: string }[] }>(
      '/api/v1/webhooks/deliveries',
      ({ items }) => items.find((one) => one.id === deliveryId)?.status === 'processed',
    );
    expect((await product.json<IncidentAnswer>(incident(id))).status).toBe('diagnosed');
    await fail({ repository, id: 920, attempt: 2, completedAt: at(12) }, 9_202);
    expect(await product.json<IncidentAnswer>(incident(id))).toMatchObject({ occurrences: 2 });
  });

  it('by hand is not verified, and can be taken back', async () => {
    const id = await fail({ repository: 'acme/hand', id: 940 }, 9_401);
    const resolved = await post(`${incident(id)}/resolve`, { reason: 'Fixed elsewhere.' });
    expect(resolved.status).toBe(200);
    expect(await resolved.json()).toMatchObject({ status: 'resolved', verifiedBy: null });
    expect((await post(`${incident(id)}/ignore`, { reason: 'No.' })).status).toBe(409);
    expect((await post(`${incident(id)}/reopen`, {})).status).toBe(400);
    expect((await post(`${incident(id)}/reopen`, { reason: 'It is not.' })).status).toBe(200);
    await product.until<IncidentAnswer>(incident(id), ({ status }) => status === 'diagnosed');
  });

  it('can be diagnosed again, past everything that was answered before', async () => {
    const id = await fail({ repository: 'acme/again', id: 945 }, 9_451);
    const again = await product.request(`${incident(id)}/diagnose?fresh=true`, { method: 'POST' });
    expect(again.status).toBe(202);
    expect(await again.json()).toMatchObject({ id });
    await product.until<IncidentAnswer>(incident(id), ({ status }) => status === 'diagnosed');
    const wrong = await product.request(`${incident(id)}/diagnose?fresh=perhaps`, { method: 'POST' });
    expect(wrong.status).toBe(400);
  });

  it('on the product’s own branch is marked, so that it is never remediated', async () => {
    const id = await fail({ repository: 'acme/own', id: 950, branch: 'devflowfix/fix-1' }, 9_501);
    expect(await product.json<IncidentAnswer>(incident(id))).toMatchObject({ ownWork: true });
  });

  it('and a failure that no delivery told of are found by comparison', async () => {
    const repository = 'acme/lost';
    const lost = { ...job, id: 9_701, conclusion: 'failure', name: 'test', completedAt: new Date() };
    // There before the first look, whose answer holds for a minute.
    product.github.addRun({ repository, id: 970, branch: 'other', jobs: [lost], completedAt: new Date() });
    const known = await fail({ repository, id: 960 }, 9_601);
    const { items } = await product.until<{ items: { id: string; runId: number; status: string }[] }>(
      '/api/v1/incidents?branch=other',
      (page) => page.items.some(({ status }) => status === 'diagnosed'),
    );
    expect(items).toMatchObject([{ runId: 970 }]);
    expect(items[0]!.id).not.toBe(known);
  });

  it('keeps a delivery for a replay, which does nothing twice', async () => {
    const deliveryId = randomUUID();
    const run: RunSeed = { repository: 'acme/replay', id: 980, jobs: [{ ...job, id: 9_801 }] };
    product.github.addRun(run);
    await product.deliver('workflow_job', workflowJobEvent(run, run.jobs![0]!), { id: deliveryId });
    const replayed = await post(`/api/v1/webhooks/deliveries/${deliveryId}/replay`, {});
    expect(await replayed.json()).toMatchObject({
      id: deliveryId,
      meaning: 'failed_job',
      status: 'processed',
    });
    expect((await post('/api/v1/webhooks/deliveries/none/replay', {})).status).toBe(404);
    const ping = randomUUID();
    await product.deliver('ping', { zen: 'x' }, { id: ping });
    expect((await post(`/api/v1/webhooks/deliveries/${ping}/replay`, {})).status).toBe(409);
    const page = await product.json<{ items: { repository: string }[] }>('/api/v1/incidents');
    expect(page.items.filter(({ repository }) => repository === 'acme/replay')).toHaveLength(1);
  });

  const deliver = async (repository: string, secret?: string) =>
    (await product.deliver('workflow_run', workflowRunEvent(green(repository)), { secret })).status;

  it('takes a project’s own secret for it and no other one, and the old one for a while', async () => {
    const created = await post('/api/v1/projects', {
      repository: 'acme/secret',
      webhookSecret: 'first-own-secret-of-acme',
      settings: { modelPolicy: { dailyUsd: 2 } },
    });
    expect(created.status).toBe(201);
    const project = (await created.json()) as ProjectAnswer;
    expect(JSON.stringify(project)).not.toContain('first-own-secret');
    expect(project).toMatchObject({
      webhookSecret: { active: 1, previousUntil: null },
      settings: { modelPolicy: { allowsOutsideModel: true, dailyUsd: 2 } },
    });
    expect(await deliver('acme/secret')).toBe(401);
    expect(await deliver('acme/secret', 'first-own-secret-of-acme')).toBe(202);
    expect(await deliver('acme/another', 'first-own-secret-of-acme')).toBe(401);
    expect(await deliver('acme/another')).toBe(202);

    const patch = (body: unknown) =>
      product.request(`/api/v1/projects/${project.id}`, {
        method: 'PATCH',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      });
    const rotated = (await (
      await patch({ webhookSecret: 'second-own-secret-of-acme' })
    ).json()) as ProjectAnswer;
    expect(rotated.webhookSecret).toMatchObject({ active: 2, previousUntil: expect.any(String) as string });
    expect(await deliver('acme/secret', 'first-own-secret-of-acme')).toBe(202);
    expect(await deliver('acme/secret', 'second-own-secret-of-acme')).toBe(202);
    await patch({ webhookSecret: 'third-own-secret-of-acme', webhookSecretOverlapMs: 0 });
    expect(await deliver('acme/secret', 'second-own-secret-of-acme')).toBe(401);
    expect((await patch({ settings: { modelPolicy: { dailyUsd: -1 } } })).status).toBe(400);
    expect((await patch({ settings: { nothing: {} } })).status).toBe(400);
    await patch({ webhookSecret: null });
    expect(await deliver('acme/secret')).toBe(202);
  });

  it('takes in recent runs when a repository is connected', async () => {
    const repository = 'acme/backfilled';
    const failed = { ...job, id: 99_101, completedAt: new Date() };
    product.github.addRun({ repository, id: 9_910, jobs: [failed], completedAt: new Date() });
    const created = await post('/api/v1/projects', { repository, backfillDays: 3 });
    const { id } = (await created.json()) as ProjectAnswer;
    await product.until<{ items: { status: string }[] }>(
      `/api/v1/incidents?project=${id}`,
      ({ items }) => items[0]?.status === 'diagnosed',
    );
    const again = await post(`/api/v1/projects/${id}/backfill`, { days: 3 });
    expect(await again.json()).toEqual({ found: 0 });

    const removed = await product.request(`/api/v1/projects/${id}`, { method: 'DELETE' });
    expect(removed.status).toBe(200);
    expect(((await removed.json()) as { rows: Record<string, number> }).rows['incidents']).toBe(1);
    expect((await product.request(`/api/v1/projects/${id}`)).status).toBe(404);
  });

  it('stores nothing of a repository whose past is wanted and can’t be read', async () => {
    const repository = 'acme/nowhere';
    const refused = await post('/api/v1/projects', { repository, backfillDays: 3 });
    expect(refused.status).toBe(422);
    expect(((await refused.json()) as { detail: string }).detail).toContain(repository);
    const { items } = await product.json<{ items: { repository: string }[] }>('/api/v1/projects');
    expect(items.map((item) => item.repository)).not.toContain(repository);
  });

  it('shows nothing of other projects to a key that is bound to some', async () => {
    const { items } = await product.json<{ items: ProjectAnswer[] }>('/api/v1/projects');
    const [mine, other] = items;
    const key = await keyFor(mine!.id);
    const get = (path: string) => product.request(path, { headers: { authorization: `Bearer ${key}` } });
    expect(((await (await get('/api/v1/projects')).json()) as { items: unknown[] }).items).toHaveLength(1);
    expect((await get(`/api/v1/projects/${mine!.id}`)).status).toBe(200);
    expect((await get(`/api/v1/projects/${other!.id}`)).status).toBe(404);
    const deliveries = (await (await get('/api/v1/webhooks/deliveries')).json()) as {
      items: { projectId: string }[];
    };
    expect(deliveries.items.length).toBeGreaterThan(0);
    expect(new Set(deliveries.items.map(({ projectId }) => projectId))).toEqual(new Set([mine!.id]));
  });
});
