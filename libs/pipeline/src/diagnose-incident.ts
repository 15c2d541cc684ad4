import {
  ClaimLost,
  ExternalFailure,
  UnreadableLog,
  type Claim,
  type Clock,
  type DiagnosisOutcome,
  type DiagnosisProgress,
  type DiagnosisRepository,
  type EventBus,
  type LogReport,
  type Log,
  type PatternRepository,
} from '@app/domain';
import type { FindSimilar } from './find-similar.js';
import { holdClaim } from './hold-claim.js';
import type { ReadLog } from './read-log.js';
import { anchorAll, type Reason } from './reason.js';

/** Workers that die while they hold an incident this often take it with them: it is given up, and says so. */
const MAX_CLAIMS = 25;

export interface DiagnosisRun {
  readonly signal: AbortSignal;
  /** No retry follows: what fails now is the incident's end state. */
  readonly isLastAttempt: boolean;
}

/** What `DiagnoseIncident` writes to. */
export interface DiagnosisStores {
  readonly progress: DiagnosisProgress;
  readonly patterns: PatternRepository;
  readonly diagnoses: DiagnosisRepository;
}

export interface DiagnosisTools {
  readonly bus: EventBus;
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
    private readonly findSimilar: FindSimilar,
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
      await progress.finish(claim, outcome);
      log.info({ status: outcome.status, reused: outcome.reused, ...outcome.facts }, 'incident_diagnosed');
      await this.announce(incidentId, outcome);
    } catch (error) {
      if (error instanceof ClaimLost) {
        log.info({}, 'diagnosis_superseded');
        return;
      }
      if (run.signal.aborted) {
        await progress.release(claim, 'The worker is shutting down.');
        throw error;
      }
      if (canRetry(error) && !run.isLastAttempt) {
        await progress.release(claim, `Will be tried again: ${messageOf(error)}`);
        throw error;
      }
      log.warn({ code: codeOf(error), error: messageOf(error) }, 'diagnosis_failed');
      const outcome = failure(error);
      await progress.finish(claim, outcome);
      await this.announce(incidentId, outcome);
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

    const reused = await this.reuse(pattern.id, report);
    if (reused) return reused;

    const similar = await this.findSimilar.run(incident, report.signature, signal);
    const { diagnosis, citations } = await this.reason.run(claim, report, pattern.id, similar, signal);
    await diagnoses.save(diagnosis);
    return {
      status: 'diagnosed',
      reason: null,
      diagnosisId: diagnosis.id,
      citations,
      reused: false,
      facts: { source: diagnosis.source, costUsd: diagnosis.costUsd, modelCalls: diagnosis.modelCalls },
    };
  }

  /** The pattern's stored diagnosis, re-anchored to this log; null when there is none that holds here. */
  private async reuse(patternId: string, report: LogReport): Promise<DiagnosisOutcome | null> {
    const stored = await this.stores.patterns.findDiagnosis(patternId, this.reason.identity());
    if (!stored) return null;
    const citations = anchorAll(stored.rootCause.citations, report.evidence);
    if (citations.length === 0 && stored.state === 'complete') return null;
    return {
      status: 'diagnosed',
      reason: null,
      diagnosisId: stored.id,
      citations,
      reused: true,
      facts: { source: stored.source, costUsd: 0, modelCalls: 0 },
    };
  }

  private async countClaim(claim: Claim): Promise<void> {
    const { progress } = this.stores;
    const before = (await progress.steps(claim)).get('claims')?.['count'];
    const count = (typeof before === 'number' ? before : 0) + 1;
    await progress.saveStep(claim, 'claims', { count });
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

  private async announce(incidentId: string, outcome: DiagnosisOutcome): Promise<void> {
    try {
      await this.tools.bus.publish('events:ai_analysis_completed', {
        incidentId,
        status: outcome.status,
        reused: outcome.reused,
      });
    } catch (error) {
      this.tools.log.warn({ incidentId, error: messageOf(error) }, 'event_publish_failed');
    }
  }
}

/** Unknown errors may be passing ones; they get their retries before the incident is given up. */
function canRetry(error: unknown): boolean {
  if (error instanceof ExternalFailure) return error.retryable;
  return !(error instanceof UnreadableLog);
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
