import {
  DomainError,
  POLICY_ACTOR,
  canMove,
  type ActionLedger,
  type ActionPolicies,
  type ActionRecord,
  type CiJob,
  type CiProvider,
  type Clock,
  type DeliveryRepository,
  type FailedJob,
  type Incident,
  type IncidentRepository,
  type IncidentStatus,
  type JobQueue,
  type Log,
  type RemediationWorkflow,
  type WorkflowDispatch,
  type WorkflowRepository,
  type WorkflowStatus,
} from '@app/domain';
import type { AnnounceChanges } from '../announce-changes.js';
import type { DispatchWork } from '../dispatch-work.js';
import { ended, FAILED_CONCLUSIONS, reportOf } from '../expand-run.js';
import type { AnnounceRemediation } from './announce-remediation.js';
import type { CallOffOutdated } from './call-off-outdated.js';
import type { PerformAction } from './perform-action.js';
import type { PlanRemediation } from './plan-remediation.js';
import type { RefreshComment } from './refresh-comment.js';

/** What a round looks at; the next one takes the rest. */
const BATCH = 100;
/** An incident that was diagnosed longer ago than this is no longer planned for by itself. */
const AUTOMATIC_WITHIN_MS = 3_600_000;
/** A comment that has told the same for longer is not read any more. */
const COMMENT_FOLLOWED_MS = 14 * 24 * 3_600_000;

export interface TendParts {
  readonly workflows: WorkflowRepository;
  readonly incidents: IncidentRepository;
  readonly policies: ActionPolicies;
  readonly ci: CiProvider;
  readonly deliveries: DeliveryRepository;
  readonly changes: AnnounceChanges;
  readonly dispatch: DispatchWork;
  readonly queue: JobQueue;
  readonly plan: PlanRemediation;
  readonly refresh: RefreshComment;
  readonly callOff: CallOffOutdated;
  readonly ledger: ActionLedger;
  readonly perform: PerformAction;
  readonly announce: AnnounceRemediation;
  readonly clock: Clock;
  readonly log: Log;
  /** Work younger than this is left to whoever just committed it. */
  readonly graceMs: number;
  /** How often a rerun whose end no webhook told of is asked after. */
  readonly watchEveryMs: number;
}

/** Looks after workflows at intervals: those nobody runs, those whose outcome is due, and plans that are missing. */
export class TendRemediations {
  constructor(private readonly parts: TendParts) {}

  async run(): Promise<void> {
    await this.dispatchDue();
    await this.verify();
    await this.callOffOvertaken();
    await this.callOffOutdated();
    await this.planMissing();
    await this.settleUnknown();
    await this.refreshComments();
  }

  private async dispatchDue(): Promise<void> {
    const { workflows, queue, announce, clock, graceMs, log } = this.parts;
    const now = clock.now();
    const due = await workflows.takeDue(new Date(now.getTime() - graceMs), now, BATCH);
    const lost: WorkflowDispatch[] = [];
    for (const dispatch of due) {
      if (await queue.isPending({ name: 'run-remediation', ...dispatch })) continue;
      // A queue remembers ended job ids and ignores them: the same work needs a new one.
      const again = await workflows.redispatch(dispatch.workflowId);
      if (again) lost.push(again);
    }
    if (lost.length > 0) log.info({ workflows: lost.length }, 'remediations_dispatched_again');
    await announce.dispatch(lost);
  }

  private async verify(): Promise<void> {
    const { workflows, clock, watchEveryMs } = this.parts;
    const now = clock.now();
    const ids = await workflows.takeVerifying(new Date(now.getTime() - watchEveryMs), now, BATCH);
    for (const id of ids) await this.attempt({ workflowId: id }, () => this.verifyOne(id));
  }

  private async verifyOne(id: string): Promise<void> {
    const workflow = await this.parts.workflows.get(id);
    if (workflow.status !== 'verifying') return;
    const incident = await this.parts.incidents.get(workflow.incidentId);
    if (await this.conclude(workflow, incident)) return;
    // Webhooks get lost: a rerun's end can be asked for.
    const job = await this.endedRerun(workflow, incident);
    if (job?.conclusion === 'success') {
      await this.learn(incident, job);
      await this.end(
        workflow,
        'succeeded',
        `The job ran again and passed in attempt ${job.attempt}.`,
        'resolved',
      );
    } else if (job && FAILED_CONCLUSIONS.has(job.conclusion ?? '')) {
      await this.recur(incident, job);
      await this.conclude(workflow, await this.parts.incidents.get(incident.id));
    } else if (job) {
      await this.end(workflow, 'failed', `The job ended in ${job.conclusion} again.`, 'diagnosed');
    } else if (workflow.verifyUntil !== null && workflow.verifyUntil <= this.parts.clock.now()) {
      await this.end(workflow, 'escalated', 'Its outcome did not show in time.', 'escalated');
    }
  }

  /** Nobody needs to decide about what is repaired already. */
  private async callOffOvertaken(): Promise<void> {
    const { workflows, incidents } = this.parts;
    for (const id of await workflows.overtaken(BATCH))
      await this.attempt({ workflowId: id }, async () => {
        const workflow = await workflows.get(id);
        const { status } = await incidents.get(workflow.incidentId);
        await this.end(workflow, 'cancelled', `The incident is ${status}.`, null);
      });
  }

  /** Their comments, where they have made one, tell of a diagnosis that fell. */
  private async callOffOutdated(): Promise<void> {
    for (const ended of await this.parts.callOff.run(POLICY_ACTOR))
      await this.attempt({ workflowId: ended.id }, () => this.parts.refresh.run(ended));
  }

  /** By the door of all facts, so that the incident is resolved with its proof, as a delivery would have it. */
  private async learn(incident: Incident, job: CiJob): Promise<void> {
    const { deliveries, changes } = this.parts;
    const jobs = reportOf({ ...incident, attempt: job.attempt })(job);
    changes.resolved(await deliveries.learn({ runs: [], jobs, listed: [] }));
  }

  /** Another occurrence of the same failure, as its webhook would have told. */
  private async recur(incident: Incident, job: CiJob): Promise<void> {
    const { incidents, changes, dispatch } = this.parts;
    const { latestAttempt: attempt, latestJobId: jobId, lastFailedAt: failedAt } = incident;
    const last: FailedJob = { ...incident, attempt, jobId, failedAt, conclusion: 'failure' };
    const opened = await incidents.open([ended(last, job)]);
    changes.opened(opened);
    await dispatch.incidents(opened.filter(({ outcome }) => outcome !== 'known'));
  }

  /** Ends a workflow whose incident tells its outcome. */
  private async conclude(workflow: RemediationWorkflow, incident: Incident): Promise<boolean> {
    if (incident.status === 'resolved') {
      await this.end(workflow, 'succeeded', incident.statusReason, null);
      return true;
    }
    if (incident.latestAttempt > workflow.attempt) {
      await this.end(workflow, 'failed', `The job failed again in attempt ${incident.latestAttempt}.`, null);
      return true;
    }
    if (incident.status === 'ignored' || incident.status === 'received') {
      await this.end(workflow, 'cancelled', `The incident is ${incident.status}.`, null);
      return true;
    }
    return false;
  }

  /** The incident's job of the attempt that a rerun made, once it has ended; null while it hasn't, and for a fix. */
  private async endedRerun(workflow: RemediationWorkflow, incident: Incident): Promise<CiJob | null> {
    const isRerun = workflow.steps.some(
      ({ action, state }) => state === 'done' && action.kind.startsWith('rerun_'),
    );
    if (!isRerun) return null;
    const { ci } = this.parts;
    const run = await ci.getRun(incident.repository, incident.runId);
    if (run.attempt <= workflow.attempt || run.status !== 'completed') return null;
    const jobs = await ci.listJobs(incident.repository, incident.runId, run.attempt);
    // A job that was only taken over from the attempt before proves nothing: it did not run again.
    return (
      jobs.find(
        ({ name, startedAt, conclusion }) =>
          name === incident.jobName &&
          conclusion !== null &&
          startedAt !== null &&
          startedAt >= incident.lastFailedAt,
      ) ?? null
    );
  }

  private async end(
    workflow: RemediationWorkflow,
    to: WorkflowStatus,
    reason: string | null,
    incidentTo: IncidentStatus | null,
  ): Promise<void> {
    const { workflows, incidents, announce } = this.parts;
    const { status } = await incidents.get(workflow.incidentId);
    const incident = incidentTo !== null && canMove(status, incidentTo) ? incidentTo : null;
    const ended = await workflows.move(workflow.id, { to, by: POLICY_ACTOR, reason, incident });
    await announce.run(ended);
    await this.attempt({ workflowId: ended.id }, () => this.parts.refresh.run(ended));
  }

  private async planMissing(): Promise<void> {
    const { workflows, policies, plan, clock } = this.parts;
    const projectIds = await policies.automatic();
    if (projectIds.length === 0) return;
    const since = new Date(clock.now().getTime() - AUTOMATIC_WITHIN_MS);
    for (const incidentId of await workflows.unplanned(projectIds, since, BATCH))
      await this.attempt({ incidentId }, () => plan.automatically(incidentId));
  }

  /** What was begun and left behind by workflows that have ended. */
  private async settleUnknown(): Promise<void> {
    const { ledger, clock, graceMs } = this.parts;
    for (const record of await ledger.unsettled(new Date(clock.now().getTime() - graceMs), BATCH))
      await this.attempt({ actionId: record.id }, async () => {
        // First of all: one that can't be settled keeps its place from nobody.
        await ledger.lookedAt(record.id);
        await this.settleOne(record);
      });
  }

  private async settleOne({ kind, incidentId, workflowId }: ActionRecord): Promise<void> {
    const { workflows, incidents, perform, refresh } = this.parts;
    const workflow = await workflows.find(workflowId ?? '');
    if (!workflow || incidentId === null) return;
    // A comment tells how things are, now as then: whatever became of it, it is brought up to date.
    if (kind === 'comment') return refresh.run(workflow);
    const incident = await incidents.get(incidentId);
    for (const [index, step] of workflow.steps.entries()) {
      if (step.action.kind !== kind) continue;
      const { signal } = new AbortController();
      const concluded = await perform.conclude(step.action, incident, workflow.id, signal);
      if (concluded !== null && step.state === 'pending')
        await workflows.saveStep(workflow.id, index, { ...step, state: 'done', url: concluded.url });
    }
  }

  /** Of workflows that ended before the failure did: people or a later run have mended it since. */
  private async refreshComments(): Promise<void> {
    const { ledger, workflows, refresh, clock } = this.parts;
    const since = new Date(clock.now().getTime() - COMMENT_FOLLOWED_MS);
    for (const { id, workflowId } of await ledger.outdatedComments(since, BATCH))
      await this.attempt({ actionId: id }, async () => {
        const workflow = await workflows.find(workflowId ?? '');
        if (workflow) await refresh.run(workflow);
        await ledger.lookedAt(id);
      });
  }

  /** One that fails keeps the others from nothing. */
  private async attempt(facts: Record<string, string>, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.parts.log.info({ ...facts, code: error.code, error: error.message }, 'remediation_not_tended');
    }
  }
}
