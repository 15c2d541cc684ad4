import examples from '@octokit/webhooks-examples';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInput } from '@app/domain';
import { workflowJobEvent, workflowRunEvent } from '../stand-in/run-payloads.js';
import type { JobSeed, RunSeed } from '../stand-in/state/run-seed.js';
import { readDelivery } from './read-delivery.js';

interface Example {
  readonly name: string;
  readonly examples: readonly Record<string, unknown>[];
}
const published = examples as unknown as readonly Example[];
const receivedAt = new Date('2026-11-20T12:00:00Z');

const read = (event: string, payload: unknown) => readDelivery({ id: 'd-1', event, payload, receivedAt });
const ping = (events: string[]) => read('ping', { zen: 'x', hook: { events } }).meaning;
const withField = (payload: object, part: string, fields: object) => ({
  ...payload,
  [part]: { ...(payload as Record<string, object>)[part], ...fields },
});

const job: JobSeed = { id: 4_002, name: 'unit (20)', failedStep: 'Run npm test' };
const run: RunSeed = {
  repository: 'octo/app',
  id: 31,
  attempt: 2,
  workflowId: 9,
  workflowName: 'CI',
  branch: 'feature/x',
  headSha: 'abc123',
  pullRequests: [7],
  completedAt: new Date('2026-11-20T11:59:00Z'),
  jobs: [job],
};

describe('readDelivery', () => {
  it('reads a failed run with everything an incident needs', () => {
    expect(read('workflow_run', workflowRunEvent(run))).toEqual({
      id: 'd-1',
      event: 'workflow_run',
      action: 'completed',
      repository: { host: 'github.com', owner: 'octo', name: 'app' },
      receivedAt,
      payload: expect.any(Object) as object,
      meaning: {
        kind: 'failed_run',
        run: {
          repository: { host: 'github.com', owner: 'octo', name: 'app' },
          runId: 31,
          attempt: 2,
          workflowId: 9,
          workflowName: 'CI',
          trigger: 'push',
          conclusion: 'failure',
          headSha: 'abc123',
          branch: 'feature/x',
          headRepository: 'octo/app',
          ownWork: false,
          pullRequests: [7],
          startedAt: new Date('2026-11-20T11:59:00Z'),
          failedAt: new Date('2026-11-20T11:59:00Z'),
          url: 'https://github.com/octo/app/actions/runs/31',
        },
      },
    });
  });

  it('reads a failed job and the step that failed', () => {
    expect(read('workflow_job', workflowJobEvent(run, job)).meaning).toEqual({
      kind: 'failed_job',
      job: {
        source: 'github',
        repository: { host: 'github.com', owner: 'octo', name: 'app' },
        runId: 31,
        jobName: 'unit (20)',
        attempt: 2,
        jobId: 4_002,
        workflowId: null,
        workflowName: 'CI',
        conclusion: 'failure',
        headSha: 'abc123',
        branch: 'feature/x',
        pullRequests: [],
        failedStep: 'Run npm test',
        failedAt: new Date('2026-11-20T11:59:00Z'),
        url: 'https://github.com/octo/app/actions/runs/31/job/4002',
        ownWork: false,
      },
    });
  });

  it.each([
    ['failure', 'failed_run'],
    ['timed_out', 'failed_run'],
    ['startup_failure', 'failed_run'],
    ['success', 'run'],
    ['cancelled', 'run'],
    ['skipped', 'run'],
    ['neutral', 'run'],
    ['action_required', 'run'],
    ['stale', 'run'],
  ])('takes a run that ended in %s as %s', (conclusion, kind) => {
    expect(read('workflow_run', workflowRunEvent({ ...run, conclusion })).meaning.kind).toBe(kind);
  });

  it.each([
    ['failure', 'failed_job'],
    ['timed_out', 'failed_job'],
    ['success', 'job'],
    ['cancelled', 'job'],
    ['skipped', 'job'],
  ])('takes a job that ended in %s as %s', (conclusion, kind) => {
    expect(read('workflow_job', workflowJobEvent(run, { ...job, conclusion })).meaning.kind).toBe(kind);
  });

  it.each(['queued', 'waiting', 'in_progress'])('ignores a job that is %s, with a reason', (action) => {
    expect(read('workflow_job', workflowJobEvent(run, job, action)).meaning).toEqual({
      kind: 'ignored',
      reason: `workflow_job is not completed but ${action}`,
    });
  });

  it.each(['requested', 'in_progress'])('reads where a run comes from when it is %s', (action) => {
    const { meaning } = read('workflow_run', workflowRunEvent(run, action));
    expect(meaning).toMatchObject({
      kind: 'run',
      run: { runId: 31, attempt: 2, headRepository: 'octo/app', conclusion: null, endedAt: null },
    });
  });

  it('knows the product’s own work by the branch of a job, and by the commit of a run', () => {
    const own = { ...run, branch: 'devflowfix/fix-1' };
    expect(read('workflow_job', workflowJobEvent(own, job)).meaning).toMatchObject({
      job: { ownWork: true },
    });
    const message = 'fix: types\n\nDevflowfix-Remediation: 4f1d';
    const payload = withField(workflowRunEvent(run), 'workflow_run', { head_commit: { message } });
    expect(read('workflow_run', payload).meaning).toMatchObject({ run: { ownWork: true } });
  });

  it('keeps of a payload what it reads, which reads the same again, and nothing of a commit’s message', () => {
    const message = 'fix: secret-token-in-a-message\n\nDevflowfix-Remediation: 4f1d';
    const payload = withField(workflowRunEvent(run), 'workflow_run', { head_commit: { message } });
    const first = read('workflow_run', payload);
    const text = JSON.stringify(first.payload);
    expect(text).not.toContain('secret-token');
    expect(text.length).toBeLessThan(1_500);
    expect(read('workflow_run', JSON.parse(text))).toEqual(first);
  });

  it('keeps the host of a GitHub Enterprise server', () => {
    const links = { webUrl: 'https://ghe.example.com:8443', apiUrl: 'https://ghe.example.com:8443/api/v3' };
    expect(read('workflow_run', workflowRunEvent(run, 'completed', links)).repository).toEqual({
      host: 'ghe.example.com:8443',
      owner: 'octo',
      name: 'app',
    });
  });

  it("reads every payload that GitHub's own examples hold, and opens an incident for the failed job alone", () => {
    const meanings: string[] = [];
    const lacking: string[] = [];
    for (const { name, examples: payloads } of published) {
      for (const payload of payloads) {
        const { meaning } = read(name, payload);
        if (meaning.kind !== 'ignored') meanings.push(`${name}: ${meaning.kind}`);
        else if (meaning.reason.includes(' lacks ')) lacking.push(meaning.reason);
      }
    }
    expect(counted(meanings)).toEqual({
      'check_run: heads': 7,
      'installation: installation': 7,
      'installation_repositories: installation': 3,
      'pull_request: pull_request': 29,
      'push: push': 2,
      'workflow_job: failed_job': 1,
      'workflow_job: job': 1,
      'workflow_run: run': 5,
    });
    expect(lacking).toEqual([]);
  });

  it.each([
    [
      'created',
      { connected: [{ host: 'github.com', owner: 'Octo', name: 'Hello' }], wholeIsConnected: null },
    ],
    ['deleted', { connected: [], wholeIsConnected: false }],
    ['suspend', { connected: [], wholeIsConnected: false }],
    ['unsuspend', { wholeIsConnected: true }],
  ])('reads an installation that was %s', (action, told) => {
    const payload = {
      action,
      installation: { id: 3, account: { html_url: 'https://github.com/Octo' } },
      repositories: [{ full_name: 'Octo/Hello' }, { full_name: '../..' }],
    };
    expect(read('installation', payload).meaning).toMatchObject({
      kind: 'installation',
      installation: { installationId: 3, ...told },
    });
  });

  it('tells at a ping which events the webhook lacks', () => {
    expect(ping(['*'])).toMatchObject({ reason: 'a ping: the webhook works' });
    expect(ping(['push', 'workflow_run'])).toMatchObject({
      reason: expect.stringContaining('not sent workflow_job') as string,
    });
  });

  it.each(['refs/tags/v1', 'refs/heads/'])('ignores a push to %s', (ref) => {
    const payload = { ...(workflowRunEvent(run) as object), ref, after: 'abc' };
    expect(read('push', payload).meaning.kind).toBe('ignored');
  });

  it('reads a failure in each shape that the examples have; only the oldest lacks a field, and is told so', () => {
    const outcomes = published
      .filter(({ name }) => name === 'workflow_run' || name === 'workflow_job')
      .flatMap(({ name, examples: payloads }) => payloads.map((payload) => ({ name, payload })))
      .map(({ name, payload }) => {
        const fields = { conclusion: 'failure', completed_at: '2026-11-20T11:59:00Z' };
        return outcomeOf(name, { ...withField(payload, name, fields), action: 'completed' });
      });
    const expected = { failed_run: 5, failed_job: 7, 'lacks workflow_job.run_attempt': 1 };
    expect(counted(outcomes)).toEqual(expected);
  });

  it.each([
    ['workflow_run', 'workflow_run', 'id'],
    ['workflow_run', 'workflow_run', 'run_attempt'],
    ['workflow_run', 'workflow_run', 'updated_at'],
    ['workflow_run', 'workflow_run', 'conclusion'],
    ['workflow_run', 'repository', 'owner'],
    ['workflow_job', 'workflow_job', 'run_id'],
    ['workflow_job', 'workflow_job', 'name'],
    ['workflow_job', 'repository', 'html_url'],
  ])('refuses a %s without %s.%s, naming it', (event, part, field) => {
    const payload = event === 'workflow_run' ? workflowRunEvent(run) : workflowJobEvent(run, job);
    const lacking = withField(payload, part, { [field]: undefined });
    expect(() => read(event, lacking)).toThrow(InvalidInput);
    expect(() => read(event, lacking)).toThrow(`${part}.${field}`);
  });

  it.each([
    ['name', '..'],
    ['name', 'app/../../etc'],
    ['name', 'a\0b'],
    ['owner', { login: '..' }],
    ['owner', { login: 'octo/x' }],
    ['html_url', 'javascript:alert(1)'],
    ['html_url', 'file:///etc/passwd'],
  ])('refuses a failure whose repository has the %s %j', (field, value) => {
    for (const [event, payload] of [
      ['workflow_run', workflowRunEvent(run)],
      ['workflow_job', workflowJobEvent(run, job)],
    ] as const) {
      const hostile = withField(payload, 'repository', { [field]: value });
      expect(() => read(event, hostile)).toThrow(`repository.${field}`);
    }
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'not a link', 7])(
    'takes a failure with the address %j without it',
    (address) => {
      const { meaning } = read(
        'workflow_job',
        withField(workflowJobEvent(run, job), 'workflow_job', { html_url: address }),
      );
      expect(meaning).toMatchObject({ kind: 'failed_job', job: { jobId: 4_002, url: null } });
      expect(
        read('workflow_run', withField(workflowRunEvent(run), 'workflow_run', { html_url: address })).meaning,
      ).toMatchObject({ kind: 'failed_run', run: { runId: 31, url: null } });
    },
  );

  it.each([null, [], 'text', 7, { action: 5 }])('refuses %j as a payload', (payload) => {
    expect(() => read('push', payload)).toThrow(InvalidInput);
  });

  it('answers or throws InvalidInput, whatever the payload', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('workflow_run', 'workflow_job', 'push', 'x'),
        fc.jsonValue(),
        (event, payload) => {
          expect(outcomeOf(event, payload)).toMatch(
            /^(ignored|run|job|push|failed_run|failed_job|lacks .*)$/,
          );
        },
      ),
    );
  });
});

/** The meaning's kind, or `lacks` and the fields that InvalidInput names; any other error is thrown. */
function outcomeOf(event: string, payload: unknown): string {
  try {
    return read(event, payload).meaning.kind;
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const problems = error.facts['problems'] as string[];
    return `lacks ${problems.map((problem) => problem.split(':')[0]).join(', ')}`;
  }
}

function counted(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
