import {
  ClaimLost,
  ExternalFailure,
  UnreadableLog,
  type Claim,
  type Clock,
  type DiagnosisOutcome,
  type DiagnosisProgress,
  type DiagnosisRepository,
  type FailurePattern,
  type Incident,
  type IncidentEvent,
  type IncidentRepository,
  type LogReport,
  type Log,
  type PatternRef,
  type PatternRepository,
} from '@app/domain';
import type { AnnounceChanges } from './announce-changes.js';
import type { GatherMaterial } from './gather-material.js';
import { holdClaim } from './hold-claim.js';
import type { ReadLog } from './read-log.js';
import type { RecallLearned } from './recall-learned.js';
import { renewAll, type Reason } from './reason.js';

/** Workers that die while they hold an incident this often take it with them: it is given up, and says so. */
const MAX_CLAIMS = 25;

/** An error that nobody foresaw is tried again only this often: it is more likely a defect than an outage. */
const MAX_UNFORESEEN_TRIES = 6;

export interface DiagnosisRun {
  readonly signal: AbortSignal;
  /** How often this has failed before: 0 at the first try. */
  readonly attemptsMade: number;
  /** No retry follows: what fails now is the incident's end state. */
  readonly isLastAttempt: boolean;
}

/** What `DiagnoseIncident` writes to. */
export interface DiagnosisStores {
  readonly incidents: IncidentRepository;
  readonly progress: DiagnosisProgress;
  readonly patterns: PatternRepository;
  readonly diagnoses: DiagnosisRepository;
}

export interface DiagnosisTools {
  readonly announce: AnnounceChanges;
  readonly clock: Clock;
  readonly log: Log;
  readonly leaseMs: number;
}

/**
 * One incident from `received` to `diagnosed`: log → pattern → stored diagnosis, or the four model operations. Every
 * step stores its result before the next starts, so a killed worker's successor goes on where it stopped.
 */
export class DiagnoseIncident {
  constructor(
    private readonly stores: DiagnosisStores,
    private readonly readLog: ReadLog,
    private readonly gather: GatherMaterial,
    private readonly recall: RecallLearned,
    private readonly reason: Reason,
    private readonly tools: DiagnosisTools,
  ) {}

  /**
   * Does nothing when the incident has no work or another worker holds it.
   * @throws whatever a retry can help with; the incident is back in `received` then
   */
  async run(incidentId: string, run: DiagnosisRun): Promise<void> {
    const { progress } = this.stores;
    const { leaseMs } = this.tools;
    const claim = await progress.claim(incidentId, leaseMs);
    if (!claim) return;
    const log = this.tools.log.child({ incidentId, attempt: claim.incident.latestAttempt });
    try {
      const outcome = await holdClaim(progress, claim, leaseMs, run.signal, (signal) =>
        this.diagnose(claim, signal),
      );
      const { resolved } = await progress.finish(claim, outcome);
      log.info(
        { resolved, status: outcome.status, reused: outcome.reused, ...outcome.facts },
        'incident_diagnosed',
      );
      this.announce(claim, outcome, resolved);
    } catch (error) {
      if (error instanceof ClaimLost) {
        log.info({}, 'diagnosis_superseded');
        return;
      }
      if (run.signal.aborted) {
        await this.handBack(claim, 'The worker is shutting down.');
        throw error;
      }
      if (canRetry(error, run)) {
        await this.handBack(claim, `Will be tried again: ${messageOf(error)}`);
        throw error;
      }
      log.warn({ code: codeOf(error), error: messageOf(error) }, 'diagnosis_failed');
      const outcome = failure(error);
      const { resolved } = await progress.finish(claim, outcome);
      this.announce(claim, outcome, resolved);
    }
  }

  private async diagnose(claim: Claim, signal: AbortSignal): Promise<DiagnosisOutcome> {
    const { progress, patterns, diagnoses } = this.stores;
    const { incident } = claim;
    await this.countClaim(claim);

    const report = await this.readLog.run(incident, signal);
    await progress.saveStep(claim, 'log', { lines: report.lines, format: report.format, ms: report.ms });

    const pattern = await patterns.recordSighting({
      incidentId: incident.id,
      attempt: incident.latestAttempt,
      projectId: incident.projectId,
      fingerprint: report.fingerprint,
      signature: report.signature,
      category: report.verdict.category,
      subcategory: report.verdict.subcategory,
      determinism: report.verdict.determinism,
      confidence: report.verdict.confidence,
      seenAt: incident.lastFailedAt,
    });

    const fresh = wantsFresh(await this.stores.incidents.timeline(incident.id));
    const reused = fresh ? null : await this.reuse(incident, pattern, report, signal);
    if (pattern.mutedAt !== null) return muted(reused);
    if (reused) {
      await this.gather.remember(incident, report, signal);
      return reused;
    }

    const { correction, examples } = await this.recall.run(pattern);
    const gathered = await this.gather.run(incident, report, signal);
    const material = { ...gathered, similar: [...examples, ...gathered.similar] };
    const { diagnosis, citations } = await this.reason.run(claim, report, pattern.id, material, signal, {
      correction,
      fresh,
    });
    await diagnoses.save(diagnosis);
    await this.assertUncontradicted(pattern, correction?.version ?? 0);
    return {
      status: 'diagnosed',
      reason: null,
      diagnosisId: diagnosis.id,
      citations,
      reused: false,
      facts: {
        source: diagnosis.source,
        costUsd: diagnosis.costUsd,
        modelCalls: diagnosis.modelCalls,
        ...gathered.facts,
      },
    };
  }

  /**
   * The pattern's stored diagnosis, re-anchored to this log; null when there is none that holds here, with all its edits
   * in the files of this commit.
   */
  private async reuse(
    incident: Incident,
    pattern: PatternRef,
    report: LogReport,
    signal: AbortSignal,
  ): Promise<DiagnosisOutcome | null> {
    const stored = await this.stores.patterns.findDiagnosis(pattern, await this.reason.identity());
    if (!stored) return null;
    const citations = renewAll(stored.rootCause.citations, report.evidence);
    // A person's cause needs no line of the log.
    const isStated = stored.rootCause.statedBy === 'person';
    if (citations.length === 0 && stored.state === 'complete' && !isStated) return null;
    const editsMatch = await this.gather.files.stillMatch(incident, stored.solution.edits, signal);
    if (editsMatch === false) return null;
    return {
      status: 'diagnosed',
      reason: null,
      diagnosisId: stored.id,
      citations,
      reused: true,
      facts: {
        source: stored.source,
        costUsd: 0,
        modelCalls: 0,
        ...(editsMatch === null ? { editsNotVerified: true } : {}),
      },
    };
  }

  /**
   * A person may have called the answer wrong while it was made.
   * @throws ExternalFailure when it must be made again
   */
  private async assertUncontradicted(pattern: FailurePattern, version: number): Promise<void> {
    if ((await this.recall.verdicts(pattern)) === version) return;
    await this.stores.patterns.invalidateDiagnosis(pattern);
    throw new ExternalFailure('A person gave a verdict on this failure while it was diagnosed.', {
      code: 'diagnosis_contradicted',
      retryable: true,
    });
  }

  /** Counts the claims that nobody handed back: their workers died. */
  private async countClaim(claim: Claim): Promise<void> {
    const count = (await this.claims(claim)) + 1;
    await this.stores.progress.saveStep(claim, 'claims', { count });
    if (count > MAX_CLAIMS) {
      throw new ExternalFailure(
        `${MAX_CLAIMS} workers ended while they diagnosed this incident; it is given up.`,
        {
          code: 'diagnosis_given_up',
          retryable: false,
        },
      );
    }
  }

  private async handBack(claim: Claim, reason: string): Promise<void> {
    const { progress } = this.stores;
    try {
      await progress.saveStep(claim, 'claims', { count: (await this.claims(claim)) - 1 });
      await progress.release(claim, reason);
    } catch (error) {
      // Another worker holds it already: nothing is left to hand back.
      if (!(error instanceof ClaimLost)) throw error;
    }
  }

  private async claims(claim: Claim): Promise<number> {
    const stored = (await this.stores.progress.steps(claim)).get('claims')?.['count'];
    return typeof stored === 'number' ? stored : 0;
  }

  private announce({ incident }: Claim, outcome: DiagnosisOutcome, resolved: boolean): void {
    const { id: incidentId, projectId } = incident;
    this.tools.announce.diagnosed(incidentId, { status: outcome.status, reused: outcome.reused });
    if (resolved) this.tools.announce.resolved([{ incidentId, projectId }]);
  }
}

/** A muted pattern's incident is counted, and shows what is known; nobody is asked for more, and nobody told. */
function muted(known: DiagnosisOutcome | null): DiagnosisOutcome {
  return {
    status: 'ignored',
    reason: 'The failure pattern is muted.',
    diagnosisId: known?.diagnosisId ?? null,
    citations: known?.citations ?? [],
    reused: known !== null,
    facts: { muted: true },
  };
}

/** Whether a person asked, when the incident was put back last, for answers past everything that was answered before. */
function wantsFresh(timeline: readonly IncidentEvent[]): boolean {
  return (
    timeline.findLast(({ to, from }) => to === 'received' && from !== 'diagnosing')?.facts['fresh'] === true
  );
}

/** Unforeseen errors may be passing ones; they get a few retries before the incident is given up. */
function canRetry(error: unknown, run: DiagnosisRun): boolean {
  if (run.isLastAttempt || error instanceof UnreadableLog) return false;
  if (error instanceof ExternalFailure) return error.retryable;
  return run.attemptsMade + 1 < MAX_UNFORESEEN_TRIES;
}

function failure(error: unknown): DiagnosisOutcome {
  return {
    status: 'diagnosis_failed',
    reason: messageOf(error),
    diagnosisId: null,
    citations: [],
    reused: false,
    facts: { code: codeOf(error) },
  };
}

function codeOf(error: unknown): string {
  return error instanceof ExternalFailure || error instanceof UnreadableLog ? error.code : 'internal_error';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
