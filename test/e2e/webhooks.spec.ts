import { execFile } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { workflowJobEvent, workflowRunEvent } from '@app/github';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { entryOf } from '../support/product-process.js';
import { PREVIOUS_SECRET, RunningProduct, WEBHOOK_SECRET, failingLog } from '../support/running-product.js';

interface IncidentAnswer {
  id: string;
  status: string;
  statusReason: string | null;
  jobName: string;
  occurrences: number;
  latestAttempt: number;
  category: string;
  evidence: { startLine: number; text: string }[];
  attempts: { attempt: number }[];
  diagnosis: null | {
    source: string;
    reused: boolean;
    rootCause: string;
    citations: { line: number; quote: string }[];
  };
  cost: { modelCalls: number };
}
interface PageAnswer {
  items: IncidentAnswer[];
  nextCursor: string | null;
}

let product: RunningProduct;
beforeAll(async () => {
  product = await RunningProduct.start();
});
afterAll(() => product.stop());

const repository = 'acme/widgets';
const job = { id: 1, name: 'build', failedStep: 'Build', log: failingLog() };
const settled = (incident: IncidentAnswer) =>
  incident.status !== 'received' && incident.status !== 'diagnosing';
const diagnosed = (id: string) => product.until<IncidentAnswer>(`/api/v1/incidents/${id}`, settled);
const ofRepository = async (name: string) =>
  (await product.json<PageAnswer>('/api/v1/incidents?limit=100')).items.filter(
    (incident) => (incident as unknown as { repository: string }).repository === name,
  );

describe('POST /api/v1/webhooks/github', () => {
  it('takes a failed job to a diagnosis with evidence', async () => {
    const id = await product.failJob({ repository, id: 100 }, { ...job, id: 1001 });
    const incident = await diagnosed(id);
    expect(incident).toMatchObject({ status: 'diagnosed', category: 'compile_error', occurrences: 1 });
    expect(incident.diagnosis).toMatchObject({ source: 'rules', reused: false });
    expect(incident.diagnosis!.citations[0]).toMatchObject({
      line: 7,
      quote: expect.stringContaining('TS2322'),
    });
    expect(product.github.storageRequests.every(({ authorization }) => authorization === null)).toBe(true);
  });

  it('answers the same failure of another run from the stored diagnosis', async () => {
    const first = await diagnosed(
      await product.failJob({ repository: 'acme/again', id: 110 }, { ...job, id: 1101 }),
    );
    const second = await diagnosed(
      await product.failJob(
        { repository: 'acme/again', id: 111 },
        { ...job, id: 1111, log: `noise\n${failingLog(undefined, '09')}` },
      ),
    );
    expect(first.diagnosis!.reused).toBe(false);
    expect(second.diagnosis).toMatchObject({ reused: true, rootCause: first.diagnosis!.rootCause });
    expect(second.diagnosis!.citations[0]!.line).toBe(8);
  });

  it('tells a reused diagnosis of the rules in the words of the log at hand', async () => {
    const first = await diagnosed(
      await product.failJob({ repository: 'acme/moved', id: 115 }, { ...job, id: 1151 }),
    );
    const moved = "src/basket.ts(58,7): error TS2322: Type 'string' is not assignable to type 'number'.";
    const second = await diagnosed(
      await product.failJob(
        { repository: 'acme/moved', id: 116 },
        { ...job, id: 1161, log: failingLog(moved) },
      ),
    );
    expect(first.diagnosis!.rootCause).toContain('src/basket.ts:41');
    expect(second.diagnosis).toMatchObject({ reused: true });
    expect(second.diagnosis!.rootCause).toContain('src/basket.ts:58');
  });

  it('opens one incident for each failed job of a run that is announced as a whole', async () => {
    const jobs = [
      { ...job, id: 1201, name: 'build' },
      { ...job, id: 1202, name: 'test' },
      { ...job, id: 1203, name: 'lint', conclusion: 'success' },
    ];
    const run = { repository: 'acme/whole', id: 120, jobs };
    expect((await product.failRun(run)).status).toBe(202);
    expect((await product.deliver('workflow_job', workflowJobEvent(run, jobs[0]!))).status).toBe(202);
    // The list may be a second behind, and one of the two be diagnosed before the other is opened.
    const opened = await vi.waitFor(async () => {
      const found = await ofRepository('acme/whole');
      expect(found.filter(settled)).toHaveLength(2);
      return found;
    }, 20_000);
    expect(
      opened.map(({ jobName, status, occurrences }) => [jobName, status, occurrences]).toSorted(),
    ).toEqual([
      ['build', 'diagnosed', 1],
      ['test', 'diagnosed', 1],
    ]);
  });

  it('counts a later failed attempt as another occurrence of the incident', async () => {
    const id = await product.failJob({ repository: 'acme/retry', id: 130 }, { ...job, id: 1301 });
    await diagnosed(id);
    const again = await product.failJob(
      { repository: 'acme/retry', id: 130, attempt: 2 },
      { ...job, id: 1302 },
    );
    expect(again).toBe(id);
    const incident = await product.until<IncidentAnswer>(
      `/api/v1/incidents/${id}`,
      (answer) => settled(answer) && answer.latestAttempt === 2,
    );
    expect(incident).toMatchObject({ status: 'diagnosed', occurrences: 2 });
    expect(incident.attempts.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('opens nothing twice for a repeated delivery', async () => {
    const run = { repository: 'acme/repeated', id: 140, jobs: [{ ...job, id: 1401 }] };
    product.github.addRun(run);
    const id = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        product.deliver('workflow_job', workflowJobEvent(run, run.jobs[0]!), { id }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([
      ...Array.from({ length: 9 }, () => 200),
      202,
    ]);
    // The list may be a second behind.
    const opened = await vi.waitFor(async () => {
      const found = await ofRepository('acme/repeated');
      expect(found).toHaveLength(1);
      return found;
    }, 15_000);
    expect((await diagnosed(opened[0]!.id)).occurrences).toBe(1);
  });

  it('takes what the command line replays: signed, twice, in random order, as fast as is wanted', async () => {
    const name = 'acme/replayed';
    const recorded = [1, 2].map((attempt) => {
      const run = {
        repository: name,
        id: 145,
        attempt,
        completedAt: new Date(Date.UTC(2026, 10, 20, 12 + attempt)),
      };
      const failed = { ...job, id: 1450 + attempt };
      product.github.addRun({ ...run, jobs: [failed] });
      return {
        id: `replayed-${attempt}`,
        event: 'workflow_job',
        at: run.completedAt,
        payload: workflowJobEvent(run, failed),
      };
    });
    const file = join(product.dataDir, 'recorded.jsonl');
    await writeFile(file, recorded.map((delivery) => JSON.stringify(delivery)).join('\n'));
    const flags = [
      '--url',
      product.url,
      '--speed',
      '36000',
      '--duplicate',
      '1',
      '--shuffle',
      '--delay',
      '20',
    ];
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [entryOf('cli'), 'replay', file, ...flags],
      {
        env: { PATH: process.env['PATH'], NODE_ENV: 'test', GITHUB_WEBHOOK_SECRET: WEBHOOK_SECRET },
      },
    );
    expect(stdout).toContain('4 sendings of 2 deliveries');
    expect(stdout).toMatch(/2 × 200 duplicate\s+2 × 202 accepted/);
    await vi.waitFor(
      async () => expect(await ofRepository(name)).toMatchObject([{ occurrences: 2, latestAttempt: 2 }]),
      15_000,
    );
  });

  it('fails the diagnosis with the reason when the log is gone, without trying again', async () => {
    const before = product.github.calls.log;
    const id = await product.failJob({ repository: 'acme/gone', id: 150 }, { ...job, id: 1501, log: null });
    const incident = await diagnosed(id);
    expect(incident).toMatchObject({
      status: 'diagnosis_failed',
      statusReason: expect.stringMatching(/log/i),
    });
    expect(product.github.calls.log - before).toBe(1);
  });

  it('tries again while GitHub is in trouble', async () => {
    product.github.fail('storage', { kind: 'status', status: 503 }, 2);
    const id = await product.failJob({ repository: 'acme/trouble', id: 160 }, { ...job, id: 1601 });
    expect((await diagnosed(id)).status).toBe('diagnosed');
  });

  it.each([
    ['an event it does not know', 'star', { action: 'created', repository: { full_name: repository } }],
    [
      'a job that is still running',
      'workflow_job',
      workflowJobEvent(
        { repository, id: 171 },
        { id: 1711, name: 'x', status: 'in_progress', conclusion: null },
        'in_progress',
      ),
    ],
    ['a ping', 'ping', { zen: 'Keep it logically awesome.', hook_id: 1 }],
  ])('ignores %s', async (_, event, payload) => {
    const response = await product.deliver(event, payload);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'ignored',
      reason: expect.any(String),
      incidents: [],
    });
  });

  it('takes a run that succeeded as a fact', async () => {
    const response = await product.deliver(
      'workflow_run',
      workflowRunEvent({ repository, id: 170, conclusion: 'success' }),
    );
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ status: 'accepted', reason: null, incidents: [] });
  });

  it('accepts both secrets while one is being changed', async () => {
    const response = await product.deliver(
      'ping',
      { zen: 'Speak like a human.' },
      { secret: PREVIOUS_SECRET },
    );
    expect(response.status).toBe(200);
  });

  it('refuses a signature that does not match, a missing one, and SHA-1', async () => {
    const url = `${product.url}/api/v1/webhooks/github`;
    const post = (headers: Record<string, string>) =>
      fetch(url, {
        method: 'POST',
        body: '{}',
        headers: {
          'content-type': 'application/json',
          'x-github-event': 'ping',
          'x-github-delivery': randomUUID(),
          ...headers,
        },
      });
    expect((await product.deliver('ping', {}, { secret: 'wrong' })).status).toBe(401);
    expect((await post({})).status).toBe(401);
    expect((await post({ 'x-hub-signature': 'sha1=0000000000000000000000000000000000000000' })).status).toBe(
      401,
    );
    const problem = await (await post({ 'x-hub-signature-256': 'sha256=zz' })).json();
    expect(problem).toMatchObject({ status: 401, code: 'unauthorized', requestId: expect.any(String) });
  });

  it.each([
    ['without a signature', null, 401],
    ['signed with another secret', 'wrong', 401],
    ['signed', WEBHOOK_SECRET, 400],
  ])('answers malformed JSON %s only after it looked at the signature', async (_, secret, status) => {
    const body = '{"action": "completed", ';
    const response = await fetch(`${product.url}/api/v1/webhooks/github`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'workflow_job',
        'x-github-delivery': randomUUID(),
        ...(secret === null
          ? {}
          : { 'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` }),
      },
    });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });

  it('names the content type it takes', async () => {
    const response = await fetch(`${product.url}/api/v1/webhooks/github`, {
      method: 'POST',
      body: 'payload',
      headers: { 'content-type': 'text/plain' },
    });
    expect(response.status).toBe(415);
    expect(((await response.json()) as { detail: string }).detail).toContain('application/json');
  });

  it('refuses a repository that no repository is called', async () => {
    const event = workflowJobEvent({ repository: '../etc', id: 180 }, { id: 1801, name: 'build' });
    const response = await product.deliver('workflow_job', event);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { detail: string }).detail).toContain('repository.owner.login');
  });

  it('answers a known event without its fields with 400 and says what is missing', async () => {
    const response = await product.deliver('workflow_job', { action: 'completed' });
    expect(response.status).toBe(400);
    expect(((await response.json()) as { detail: string }).detail).toContain('workflow_job');
  });

  it('refuses a body over the limit with 413', async () => {
    const response = await product
      .deliver('workflow_job', { padding: 'x'.repeat(27_000_000) })
      .catch(() => null);
    expect(response?.status).toBe(413);
    expect(((await response!.json()) as { code: string }).code).toBe('payload_too_large');
  });
});
