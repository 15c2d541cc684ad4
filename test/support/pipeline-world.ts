import {
  GITHUB_HOST,
  type Delivery,
  type FailedJob,
  type FailedRun,
  type LanguageModel,
  type Log,
  type LogFields,
  type ModelHealth,
} from '@app/domain';
import { CachedJobBaselines } from '@app/github';
import { EmbeddedPassageFinder } from '@app/knowledge';
import {
  AnnounceChanges,
  AnnounceRemediation,
  CallOffOutdated,
  DiagnoseIncident,
  DispatchWork,
  ExpandRun,
  FindPassages,
  FindSimilar,
  GatherFiles,
  GatherMaterial,
  IngestDelivery,
  InvalidateViews,
  logReading,
  ReadLog,
  GiveFeedback,
  Reason,
  RecallLearned,
  RediagnoseFallbacks,
  SubmitLog,
  SweepOutbox,
  type DiagnosisStores,
} from '@app/pipeline';
import { FakeCache } from '../fakes/fake-cache.js';
import { FakeCiProvider } from '../fakes/fake-ci-provider.js';
import { FakeEmbedder } from '../fakes/fake-embedder.js';
import { FakeEventBus } from '../fakes/fake-event-bus.js';
import { FakeJobQueue } from '../fakes/fake-job-queue.js';
import { FakeLanguageModel } from '../fakes/fake-language-model.js';
import { InMemoryPersistence } from '../fakes/in-memory-persistence/index.js';

const MAX_ARCHIVED_CHARS = 1_000_000;
const repository = { host: GITHUB_HOST, owner: 'acme', name: 'widgets' };

/** A clock that only the test moves. */
export class TestClock {
  constructor(private time = new Date('2026-05-04T12:00:00Z')) {}
  now(): Date {
    return new Date(this.time);
  }
  advance(ms: number): void {
    this.time = new Date(this.time.getTime() + ms);
  }
}

/** Remembers entries. */
export class TestLog implements Log {
  readonly entries: { level: string; event: string; fields: LogFields }[] = [];
  debug = (fields: LogFields, event: string): void =>
    void this.entries.push({ level: 'debug', event, fields });
  info = (fields: LogFields, event: string): void => void this.entries.push({ level: 'info', event, fields });
  warn = (fields: LogFields, event: string): void => void this.entries.push({ level: 'warn', event, fields });
  error = (fields: LogFields, event: string): void =>
    void this.entries.push({ level: 'error', event, fields });
  child(): Log {
    return this;
  }
}

/** A log in the shape of a raw GitHub Actions one; `minute` moves every timestamp, `file` is the only cause. */
export function typescriptLog(
  minute = 10,
  message = "error TS2322: Type 'string' is not assignable to type 'number'.",
): string {
  const lines = [
    '##[group]Run npm run build',
    'npm run build',
    'shell: /usr/bin/bash -e {0}',
    '##[endgroup]',
    '> widgets@1.4.0 build',
    '> tsc -p .',
    `src/basket.ts(41,7): ${message}`,
    '##[error]Process completed with exit code 2.',
    'Post job cleanup.',
  ];
  return (
    lines.map((line, index) => `2026-05-04T12:${minute}:${10 + index}.1234567Z ${line}`).join('\n') + '\n'
  );
}

/** A model that says whether it is there. */
class SwitchedHealth implements ModelHealth {
  isBack = true;

  async check() {
    return { ok: this.isBack, latencyMs: 1 };
  }
}

/** Every use case over fakes, wired as the product wires them. */
export function pipelineWorld(): ReturnType<typeof worldOf<FakeLanguageModel>>;
export function pipelineWorld<M extends LanguageModel>(
  model: M,
  around?: AroundStores,
): ReturnType<typeof worldOf<M>>;
export function pipelineWorld(model: LanguageModel = new FakeLanguageModel(), around?: AroundStores) {
  return worldOf(model, around);
}

/** What stands between a diagnosis and its stores. */
export type AroundStores = (store: InMemoryPersistence) => Pick<DiagnosisStores, 'patterns' | 'diagnoses'>;

const plainStores: AroundStores = ({ patterns, diagnoses }) => ({ patterns, diagnoses });

function worldOf<M extends LanguageModel>(model: M, around: AroundStores = plainStores) {
  const clock = new TestClock();
  const log = new TestLog();
  const store = new InMemoryPersistence(clock);
  const queue = new FakeJobQueue();
  const bus = new FakeEventBus();
  const ci = new FakeCiProvider();
  const embedder = new FakeEmbedder();
  const health = new SwitchedHealth();
  const cache = new FakeCache();
  const views = new InvalidateViews(cache, log);
  const announce = new AnnounceChanges(bus, views, log);
  const dispatch = new DispatchWork(queue, bus, log);
  const callOff = new CallOffOutdated(
    store.workflows,
    store.incidents,
    new AnnounceRemediation(cache, views, bus, queue, log),
  );
  const diagnose = new DiagnoseIncident(
    { incidents: store.incidents, progress: store.progress, ...around(store) },
    new ReadLog(
      store.logs,
      store.deliveries,
      logReading(ci, new CachedJobBaselines(ci, cache, log), log, MAX_ARCHIVED_CHARS),
    ),
    new GatherMaterial(
      new FindSimilar(embedder, store.similarity, store.modelPolicies, log),
      new FindPassages(
        new EmbeddedPassageFinder(store.knowledge, store.modelPolicies, embedder, new FakeCache(), log),
        log,
      ),
      new GatherFiles(ci, log),
    ),
    new RecallLearned(store.feedback, store.patternCatalog, log),
    new Reason(model, store.progress, clock),
    { announce, clock, log, leaseMs: 30_000 },
  );
  return {
    clock,
    log,
    store,
    queue,
    bus,
    ci,
    model,
    embedder,
    views,
    announce,
    dispatch,
    ingest: new IngestDelivery(store.deliveries, dispatch, announce, log),
    expand: new ExpandRun(store.deliveries, ci, dispatch, announce, log),
    submit: new SubmitLog(
      { incidents: store.incidents, archive: store.logs },
      dispatch,
      announce,
      clock,
      MAX_ARCHIVED_CHARS,
    ),
    sweep: new SweepOutbox(store.outbox, store.deliveries, queue, dispatch, {
      clock,
      log,
      limits: { graceMs: 10_000, batch: 100 },
    }),
    diagnose,
    cache,
    callOff,
    giveFeedback: new GiveFeedback(store, { cache, dispatch, callOff, clock, log }),
    health,
    rediagnose: new RediagnoseFallbacks(store, health, dispatch, clock, log),
    run: (
      incidentId: string,
      isLastAttempt = false,
      signal = new AbortController().signal,
      attemptsMade = 0,
    ) => diagnose.run(incidentId, { signal, isLastAttempt, attemptsMade }),
    /** Opens an incident for a job of run `runId` whose log is `text`, and answers its id. */
    async failJob(runId: number, text: string, attempt = 1): Promise<string> {
      ci.addRun({
        repository: 'acme/widgets',
        id: runId,
        attempt,
        jobs: [{ id: runId * 10 + attempt, name: 'build', log: text }],
      });
      const recorded = await this.ingest.run(jobDelivery({ runId, attempt, jobId: runId * 10 + attempt }));
      return recorded.incidents[0]!.incidentId;
    },
  };
}

export function failedRun(overrides: Partial<FailedRun> = {}): FailedRun {
  return {
    repository,
    runId: 1,
    attempt: 1,
    workflowId: 7,
    workflowName: 'CI',
    conclusion: 'failure',
    headSha: 'a'.repeat(40),
    branch: 'main',
    pullRequests: [],
    failedAt: new Date('2026-05-04T12:00:00Z'),
    url: null,
    ...overrides,
  };
}

export function failedJob(overrides: Partial<FailedJob> = {}): FailedJob {
  return { ...failedRun(), source: 'github', jobName: 'build', jobId: 11, failedStep: null, ...overrides };
}

let deliveries = 0;

export function jobDelivery(job: Partial<FailedJob> = {}, id = `delivery-${++deliveries}`): Delivery {
  return {
    id,
    event: 'workflow_job',
    action: 'completed',
    repository,
    receivedAt: new Date('2026-05-04T12:00:01Z'),
    meaning: { kind: 'failed_job', job: failedJob(job) },
  };
}

export function runDelivery(run: Partial<FailedRun> = {}, id = `delivery-${++deliveries}`): Delivery {
  return {
    id,
    event: 'workflow_run',
    action: 'completed',
    repository,
    receivedAt: new Date('2026-05-04T12:00:01Z'),
    meaning: { kind: 'failed_run', run: failedRun(run) },
  };
}
