import { DEFAULT_ACTION_POLICY } from '@app/domain';
import {
  workflowJobEvent,
  workflowRunEvent,
  type GithubStandIn,
  type JobSeed,
  type RunSeed,
} from '@app/github';
import type { RecordedDelivery } from '../../../apps/cli/src/replay/recorded-delivery.js';
import type { ChatRequest } from '../../stand-ins/openai-server.js';
import { modelAnswer } from '../../support/model-answers.js';
import { failingLog, typeError } from '../failing-log.js';
import { checkRunEvent, pullRequestEvent, pushEvent } from '../../support/webhook-events.js';
import type { Expected, ExpectedIncident } from './expected.js';

/** Projects that let the product do everything by itself. */
export const FREE = ['acme/free-0', 'acme/free-1', 'acme/free-2'];
/** One where a person asks for everything. */
export const BY_HAND = 'acme/by-hand';
const STRANGER = 'stranger/fork';
const FIRST_RUN = 900_000;
const PASSING_TROUBLE =
  'npm error network request to https://registry.example failed, reason: read ECONNRESET';

/** What such a run leads to. */
const COURSES = ['rerun', 'fix', 'issue', 'rerun_job', 'rerun', 'fork', 'fix', 'cancel_run'] as const;
export type Course = (typeof COURSES)[number];

export const FREE_POLICY = {
  kinds: Object.fromEntries(Object.keys(DEFAULT_ACTION_POLICY.kinds).map((kind) => [kind, 'automatic'])),
  dailyLimits: { each: 10_000, all: 10_000 },
  maxAttempts: 3,
  minConfidence: 0.5,
};

/** A run that something is done about, with what is known of it from the start. */
export interface ActingRun {
  readonly course: Course;
  readonly run: RunSeed;
  readonly deliveries: readonly RecordedDelivery[];
}

/** Runs of branches of their own, each of which fails in a way that leads to another action. */
export function actingRuns(count: number, github: GithubStandIn, expected: Expected): readonly ActingRun[] {
  return Array.from({ length: count }, (_, index) => {
    const course = COURSES[index % COURSES.length]!;
    const run = runOf(course, index, github);
    for (const job of run.jobs ?? [])
      if (job.status !== 'in_progress') expected.ended(run, job, aboutOf(course));
    return { course, run, deliveries: deliveriesOf(run, github) };
  });
}

function runOf(course: Course, index: number, github: GithubStandIn): RunSeed {
  const isByHand = course === 'rerun_job' || course === 'cancel_run';
  const repository = isByHand ? BY_HAND : FREE[index % FREE.length]!;
  const id = FIRST_RUN + index;
  const branch = `topic-${index}`;
  const state = github.repository(repository);
  const parent =
    state.findCommit('main')?.sha ?? state.addCommit({ files: { 'package.json': '{}\n' } }, 'main');
  // Where an issue is wanted, the model finds nothing to mend in the file.
  const mistake = course === 'issue' ? 'odd' : 'wrong';
  const files = {
    'package.json': '{}\n',
    [`src/module-${index}.ts`]: `export const all = ${mistake}${index};\n`,
  };
  const headSha = state.addCommit({ parents: [parent], files, message: `Change ${index}` }, branch);
  const number = course === 'issue' || isByHand ? null : index + 1;
  const headRepository = course === 'fork' ? STRANGER : repository;
  if (number !== null) state.pulls.set(number, { number, headSha, headRef: branch, headRepository });
  const completedAt = new Date(Date.now() - 60_000);
  const errors = course === 'fix' || course === 'issue' ? [typeError(index)] : [PASSING_TROUBLE];
  const failed: JobSeed = {
    id: id * 100,
    name: 'build',
    conclusion: 'failure',
    failedStep: 'Run build',
    startedAt: completedAt,
    completedAt,
    log: failingLog(id, errors),
  };
  const goesOn: JobSeed = {
    ...failed,
    id: id * 100 + 1,
    name: 'test',
    status: 'in_progress',
    conclusion: null,
  };
  const isActive = course === 'cancel_run';
  const run: RunSeed = {
    repository,
    id,
    branch,
    headSha,
    headRepository,
    completedAt,
    status: isActive ? 'in_progress' : 'completed',
    conclusion: isActive ? null : 'failure',
    pullRequests: number === null ? [] : [number],
    jobs: isActive ? [failed, goesOn] : [failed],
  };
  state.addRun(run);
  return run;
}

/** A fix that nobody has merged is waited for. */
function aboutOf(course: Course): Partial<ExpectedIncident> {
  if (course === 'fork') return { fromFork: true };
  return course === 'fix' ? { open: ['diagnosed', 'verifying'] } : {};
}

function deliveriesOf(run: RunSeed, github: GithubStandIn): RecordedDelivery[] {
  const told = (name: string, event: string, payload: unknown): RecordedDelivery => ({
    id: `${name}-${run.id}`,
    event,
    payload,
    at: null,
  });
  const [failed] = run.jobs!;
  const [number] = run.pullRequests!;
  const pull = number === undefined ? undefined : github.repository(run.repository).pulls.get(number);
  const phase = run.status === 'completed' ? 'completed' : 'in_progress';
  return [
    told('job', 'workflow_job', workflowJobEvent(run, failed!)),
    told('run', 'workflow_run', workflowRunEvent(run, phase)),
    told('push', 'push', pushEvent(run)),
    ...(pull
      ? [
          told('check', 'check_run', checkRunEvent(run, [pull.number])),
          told('pull', 'pull_request', pullRequestEvent(run.repository, 'opened', pull, new Date())),
        ]
      : []),
  ];
}

/** A model that tells passing trouble from a mistake in the code, and mends the mistake where it is shown the file. */
export function answerOfModel(request: ChatRequest): unknown {
  const answer = modelAnswer(request) as object;
  if (request.schemaName === 'classification' && request.user.includes('ECONNRESET'))
    return { ...answer, category: 'network', determinism: 'transient', fixability: 'rerun' };
  const index = /export const all = wrong(\d+);/.exec(request.user)?.[1];
  if (request.schemaName !== 'solution' || index === undefined) return answer;
  const edit = { path: `src/module-${index}.ts`, search: `wrong${index}`, replace: `value${index}` };
  return { ...answer, edits: [edit] };
}
