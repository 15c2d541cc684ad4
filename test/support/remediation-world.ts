import {
  DEFAULT_ACTION_POLICY,
  type ActionKind,
  type ActionMode,
  type ActionPolicy,
  type Job,
  type LanguageModel,
} from '@app/domain';
import type { RunSeed } from '@app/github';
import {
  AnnounceRemediation,
  InvalidateViews,
  GatherGround,
  PerformAction,
  PlanRemediation,
  RefreshComment,
  RunRemediation,
  SteerRemediation,
  TendRemediations,
} from '@app/pipeline';
import { FakeCiActions } from '../fakes/fake-ci-actions.js';
import { FakeLanguageModel } from '../fakes/fake-language-model.js';
import { jobDelivery, pipelineWorld, typescriptLog } from './pipeline-world.js';

export const LEASE_MS = 60_000;
export const WINDOWS = { rerunMs: 3_600_000, fixMs: 86_400_000 };
export const HEAD = 'a'.repeat(40);

/**
 * The pipeline's world with remediation on top: a project whose jobs fail, and a CI system that can be acted on.
 * @param analyst who diagnoses in the place of `model`
 */
export function remediationWorld(analyst: LanguageModel | null = null) {
  const model = new FakeLanguageModel();
  const world = pipelineWorld(analyst ?? model);
  const { store, ci, clock, log, bus, queue, cache } = world;
  const actions = new FakeCiActions();
  const announce = new AnnounceRemediation(cache, new InvalidateViews(cache, log), bus, queue, log);
  const gather = new GatherGround(store, ci);
  const steer = new SteerRemediation(store.workflows, store.incidents, announce);
  const plan = new PlanRemediation({ ...stores(), actions, gather, steer, announce });
  const perform = new PerformAction(store.actions, actions, { clock, log, leaseMs: LEASE_MS });
  const run = new RunRemediation({ ...stores(), gather, perform, announce, clock, log, windows: WINDOWS });
  const refresh = new RefreshComment(store.actions, store.actionPolicies, gather, perform);
  const tend = new TendRemediations({
    ...stores(),
    ci,
    deliveries: store.deliveries,
    changes: world.announce,
    dispatch: world.dispatch,
    queue,
    plan,
    refresh,
    callOff: world.callOff,
    ledger: store.actions,
    perform,
    announce,
    clock,
    log,
    graceMs: 10_000,
    watchEveryMs: 60_000,
  });

  function stores() {
    const { workflows, incidents, actionPolicies: policies } = store;
    return { workflows, incidents, policies };
  }

  async function runJob(job: Job, isLastAttempt = false): Promise<void> {
    const context = { signal: new AbortController().signal, isLastAttempt };
    if (job.name === 'run-remediation') await run.run(job.workflowId, context);
    else if (job.name === 'diagnose-incident') await world.run(job.incidentId);
  }

  return {
    store,
    ci,
    bus,
    cache,
    giveFeedback: world.giveFeedback,
    diagnose: (incidentId: string) => world.run(incidentId),
    actions,
    clock,
    queue,
    model,
    plan,
    steer,
    run,
    tend,
    /** Runs what the queue holds; what fails can be tried again. */
    work: (isLastAttempt = false) => queue.runAll((job) => runJob(job, isLastAttempt)),

    /** A job of run 31 that failed and was diagnosed; answers the incident's id. */
    async failed(seed: Partial<RunSeed> = {}, jobName = 'build'): Promise<string> {
      const id = seed.id ?? 31;
      const attempt = seed.attempt ?? 1;
      const job = { id: id * 10 + attempt, name: jobName, log: typescriptLog() };
      ci.addRun({
        repository: 'acme/widgets',
        id,
        attempt,
        headSha: HEAD,
        branch: 'topic',
        pullRequests: [7],
        ...seed,
        jobs: [...(seed.jobs ?? []), job],
      });
      actions.runs.set(id, { attempt, isActive: false, ran: [jobName] });
      const delivered = jobDelivery({
        runId: id,
        attempt,
        jobId: job.id,
        jobName,
        headSha: HEAD,
        branch: seed.branch ?? 'topic',
        pullRequests: seed.pullRequests ?? [7],
      });
      const { incidents } = await world.ingest.run(delivered);
      await queue.runAll((each) => runJob(each));
      return incidents[0]!.incidentId;
    },

    /** What the next diagnosis says. */
    diagnoses(determinism: 'transient' | 'deterministic'): void {
      const fixability = determinism === 'transient' ? 'rerun' : 'code_patch';
      model.answers = {
        classification: { determinism, fixability, confidence: 0.95 },
        solution: { summary: 'Pass a number.' },
        validation: { safe: true, recommendation: 'proceed' },
      };
    },

    async allow(
      incidentId: string,
      kinds: Partial<Record<ActionKind, ActionMode>>,
      changes: Partial<ActionPolicy> = {},
    ): Promise<void> {
      const { projectId } = await store.incidents.get(incidentId);
      const policy = {
        ...DEFAULT_ACTION_POLICY,
        ...changes,
        kinds: { ...DEFAULT_ACTION_POLICY.kinds, ...kinds },
      };
      await store.actionPolicies.save(projectId, policy);
    },

    /** A fix that the incident's diagnosis proposes, in place of what it said. */
    async proposesFix(incidentId: string, edits = [{ path: 'src/basket.ts', search: '"7"', replace: '7' }]) {
      const shown = (await store.diagnoses.ofIncident(incidentId))!;
      const diagnosis = { ...shown.diagnosis, solution: { ...shown.diagnosis.solution, edits } };
      store.store.diagnoses.set(diagnosis.id, diagnosis);
      actions.branches.set('topic', {
        sha: HEAD,
        files: { 'src/basket.ts': 'const price: number = "7";\n' },
        marker: null,
      });
    },
  };
}
