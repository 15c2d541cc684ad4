import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StandInEffect, StandInRoute } from '@app/github';
import { RunningProduct, failingLog } from '../support/running-product.js';

interface Workflow {
  id: string;
  status: string;
  steps: { state: string; note: string | null }[];
}

const REPOSITORY = 'acme/killed';

/** The process is killed after GitHub took the call and before its answer is there to be recorded. */
describe('an action whose process is killed between its effect and its record', () => {
  let product: RunningProduct;
  const env = {
    REMEDIATION_INTERVAL_MS: '200',
    OUTBOX_GRACE_MS: '500',
    // Of the claim on the action: the time limit of a call, twice.
    GITHUB_TIMEOUT_MS: '1500',
    CLAIM_LEASE_MS: '2000',
  };

  beforeEach(async () => {
    product = await RunningProduct.start(env);
  });
  afterEach(() => product.stop());

  it.each<[string, StandInRoute, StandInEffect['kind']]>([
    ['rerun_failed_jobs', 'rerun', 'run_rerun'],
    ['comment', 'create_comment', 'comment_created'],
    ['issue', 'create_issue', 'issue_created'],
  ])('%s happens exactly once', async (kind, route, effect) => {
    const { github } = product;
    github.repository(REPOSITORY).pulls.set(7, { number: 7, headSha: 'b'.repeat(40), headRef: 'topic' });
    const seed = {
      repository: REPOSITORY,
      id: 71,
      headSha: 'b'.repeat(40),
      branch: 'topic',
      pullRequests: [7],
    };
    const incidentId = await product.failJob(seed, { id: 710, name: 'build', log: failingLog() });
    await product.until<{ status: string }>(
      `/api/v1/incidents/${incidentId}`,
      ({ status }) => status === 'diagnosed',
    );
    const planned = await product.json<Workflow>(`/api/v1/incidents/${incidentId}/workflows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kinds: [kind] }),
    });
    await product.request(`/api/v1/workflows/${planned.id}/start`, { method: 'POST' });

    github.fail(route, { kind: 'withheld_answer' });
    const taken = github.state.writes.nextEffect(effect);
    await product.request(`/api/v1/workflows/${planned.id}/approve`, { method: 'POST' });
    await taken;
    await product.process.kill();
    expect(github.state.writes.count(effect)).toBe(1);

    await product.restart();
    const ended = await product.until<Workflow>(
      `/api/v1/workflows/${planned.id}`,
      ({ status }) => status === 'verifying' || status === 'succeeded' || status === 'failed',
      60_000,
    );
    expect(ended.steps).toEqual([expect.objectContaining({ state: 'done' })]);
    expect(github.state.writes.count(effect)).toBe(1);
  });
});
