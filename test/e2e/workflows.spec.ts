import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_ACTION_POLICY } from '@app/domain';
import { RunningProduct, failingLog } from '../support/running-product.js';

interface Step {
  action: { kind: string; body?: string };
  decision: { verdict: string; reasons: string[] };
  state: string;
  url: string | null;
  note: string | null;
}
interface Workflow {
  id: string;
  status: string;
  steps: Step[];
  approvedBy: { name: string } | null;
  reason: string | null;
}
interface Incident {
  id: string;
  projectId: string;
  status: string;
}

const POST = { method: 'POST' } as const;
const json = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe('workflows', () => {
  let product: RunningProduct;
  let runs = 5_000;

  beforeAll(async () => {
    product = await RunningProduct.start({ REMEDIATION_INTERVAL_MS: '200' });
  });
  afterAll(() => product.stop());

  const effects = (kind: Parameters<typeof product.github.state.writes.count>[0]) =>
    product.github.state.writes.count(kind);

  /** A diagnosed failure of a pull request of `repository`. */
  async function failed(repository: string): Promise<Incident> {
    const id = ++runs;
    const state = product.github.repository(repository);
    state.pulls.set(7, { number: 7, headSha: 'b'.repeat(40), headRef: 'topic' });
    const seed = { repository, id, headSha: 'b'.repeat(40), branch: 'topic', pullRequests: [7] };
    const incidentId = await product.failJob(seed, { id: id * 10, name: 'build', log: failingLog() });
    return product.until<Incident>(`/api/v1/incidents/${incidentId}`, ({ status }) => status === 'diagnosed');
  }
  const steer = (id: string, wanted: string, body?: unknown) =>
    product.request(`/api/v1/workflows/${id}/${wanted}`, body === undefined ? POST : json(body));

  it('shows exactly what would be done, and does nothing', async () => {
    const { id } = await failed('acme/shown');
    const preview = await product.json<{ steps: { step: Step; preview: { calls: { path: string }[] } }[] }>(
      `/api/v1/incidents/${id}/workflows?dryRun=true`,
      json({ kinds: ['comment', 'rerun_failed_jobs'] }),
    );
    expect(preview.steps.map(({ preview: shown }) => shown.calls.map(({ path }) => path))).toEqual([
      [`/repos/acme/shown/actions/runs/${runs}/rerun-failed-jobs`],
      ['/repos/acme/shown/issues/7/comments'],
    ]);
    expect(product.github.state.writes.effects).toEqual([]);
    expect((await product.json<{ items: unknown[] }>('/api/v1/workflows')).items).toEqual([]);
  });

  it('waits for approval, acts, and tells on the timeline who did it', async () => {
    const incident = await failed('acme/approved');
    const planned = await product.json<Workflow>(
      `/api/v1/incidents/${incident.id}/workflows`,
      json({ kinds: ['rerun_failed_jobs', 'comment'] }),
    );
    expect(planned.status).toBe('planned');
    expect(await (await steer(planned.id, 'start')).json()).toMatchObject({ status: 'awaiting_approval' });
    expect((await steer(planned.id, 'approve', { reason: 'looks right' })).status).toBe(200);
    const done = await product.until<Workflow>(
      `/api/v1/workflows/${planned.id}`,
      ({ status }) => status === 'verifying',
    );
    expect(done.steps.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(effects('run_rerun')).toBe(1);
    const [comment] = product.github.state.writes.of('acme/approved').comments;
    expect(comment!.body).toMatch(/^### devflowfix: 1 failed, none needs you/);
    expect(comment!.body).toContain('TS2322');
    const { items } = await product.json<{ items: { kind: string; facts: Record<string, unknown> }[] }>(
      `/api/v1/incidents/${incident.id}/timeline`,
    );
    const told = items.filter(({ kind }) => kind === 'workflow').map(({ facts }) => facts);
    expect(told).toContainEqual(
      expect.objectContaining({ status: 'approved', reason: 'looks right', by: done.approvedBy }),
    );
    expect((await steer(planned.id, 'approve')).status).toBe(409);
    expect((await product.request(`/api/v1/workflows/${planned.id}`, { method: 'DELETE' })).status).toBe(409);
  });

  it('does what the project’s policy lets happen by itself, and nothing where it says nothing', async () => {
    const quiet = await failed('acme/policy');
    const policy = {
      ...DEFAULT_ACTION_POLICY,
      kinds: { ...DEFAULT_ACTION_POLICY.kinds, comment: 'automatic' },
    };
    const path = `/api/v1/projects/${quiet.projectId}`;
    const change = (actionPolicy: object) =>
      product.request(path, { ...json({ settings: { actionPolicy } }), method: 'PATCH' });
    expect(
      (await product.json<{ items: Workflow[] }>(`/api/v1/workflows?incident=${quiet.id}`)).items,
    ).toEqual([]);
    expect((await change({ kinds: { comment: 'automatic' } })).status).toBe(400);
    expect((await change({ kinds: policy.kinds })).status).toBe(200);
    expect(await product.json(path)).toMatchObject({ settings: { actionPolicy: policy } });
    const { id } = await failed('acme/policy');
    const page = await product.until<{ items: Workflow[] }>(
      `/api/v1/workflows?incident=${id}`,
      ({ items }) => items[0]?.status === 'succeeded',
    );
    expect(
      page.items[0]!.steps.filter(({ state }) => state === 'done').map(({ action }) => action.kind),
    ).toEqual(['comment']);
    expect(product.github.state.writes.of('acme/policy').comments).toHaveLength(1);
  });

  it('is refused with a clear problem where it makes no sense', async () => {
    const { id } = await failed('acme/refused');
    const kinds = await product.request(`/api/v1/incidents/${id}/workflows`, json({ kinds: ['reboot'] }));
    expect(kinds.status).toBe(400);
    const fix = await product.request(
      `/api/v1/incidents/${id}/workflows`,
      json({ kinds: ['fix_pull_request'] }),
    );
    expect([fix.status, ((await fix.json()) as { code: string }).code]).toEqual([409, 'not_remediable']);
    const target = await product.request(
      `/api/v1/incidents/${id}/workflows`,
      json({ kinds: ['comment'], pullRequest: 1 }),
    );
    expect(target.status).toBe(400);
    const nobody = '00000000-0000-4000-8000-000000000000';
    for (const path of [`incidents/${nobody}/workflows`, `workflows/${nobody}/approve`])
      expect((await product.request(`/api/v1/${path}`, POST)).status).toBe(404);
  });

  it('planned from a diagnosis that is called wrong is called off, and the next one says what the person said', async () => {
    const { id } = await failed('acme/wrong');
    const plan = (kinds: string[]) =>
      product.json<Workflow>(`/api/v1/incidents/${id}/workflows`, json({ kinds }));
    const planned = await plan(['rerun_failed_jobs', 'issue']);
    expect(JSON.stringify(planned.steps)).toContain('TS2322');
    await steer(planned.id, 'start');
    const actualCause = 'The runner image lacks the compiler.';
    const given = await product.json<{ calledOff: string[]; diagnosedAnew: boolean }>(
      `/api/v1/incidents/${id}/feedback`,
      json({ rootCause: 'wrong', actualCause }),
    );
    expect(given).toMatchObject({ calledOff: [planned.id], diagnosedAnew: true });
    expect((await steer(planned.id, 'approve')).status).toBe(409);
    expect(await product.json<Workflow>(`/api/v1/workflows/${planned.id}`)).toMatchObject({
      status: 'cancelled',
      reason: expect.stringContaining('called wrong') as string,
    });
    await product.until<Incident>(`/api/v1/incidents/${id}`, ({ status }) => status === 'diagnosed');
    const next = await plan(['issue']);
    await steer(next.id, 'start');
    await steer(next.id, 'approve');
    await product.until<Workflow>(`/api/v1/workflows/${next.id}`, ({ status }) => status === 'succeeded');
    const [issue, ...others] = product.github.state.writes.of('acme/wrong').issues;
    expect(others).toEqual([]);
    expect(issue!.title).toBe(`CI: ${actualCause}`);
    expect(`${issue!.title} ${issue!.body}`).not.toContain('TS2322');
  });

  it('can be called off and deleted', async () => {
    const { id } = await failed('acme/called-off');
    const planned = await product.json<Workflow>(
      `/api/v1/incidents/${id}/workflows`,
      json({ kinds: ['issue'] }),
    );
    await steer(planned.id, 'start');
    expect(await (await steer(planned.id, 'reject', { reason: 'no' })).json()).toMatchObject({
      status: 'rejected',
    });
    expect((await product.request(`/api/v1/workflows/${planned.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await product.request(`/api/v1/workflows/${planned.id}`)).status).toBe(404);
    expect(product.github.state.writes.of('acme/called-off').issues).toEqual([]);
  });
});
