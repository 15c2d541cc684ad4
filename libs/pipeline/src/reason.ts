import { createHash } from 'node:crypto';
import type {
  AnchoredCitation,
  Answer,
  CallOptions,
  Claim,
  Classification,
  Clock,
  Correction,
  Diagnosis,
  DiagnosisProgress,
  Evidence,
  FailureContext,
  Incident,
  LanguageModel,
  LogReport,
  RootCauseAnalysis,
  Solution,
  StepResult,
  Validation,
} from '@app/domain';
import { AGENT_INACTIVE, repositoryName } from '@app/domain';
import type { Material } from './gather-material.js';
import { anchorCitation, renewCitation } from '@app/log-analysis';
import { causeOfPerson, withoutFailedSolution, withoutWrongCause } from './heed-correction.js';

/** Marks what the rules gave in the model's place, or two analysts made together: never reused as the model's. */
const FALLBACK_ANALYST = 'fallback';

export interface Asked {
  /** What people said against earlier answers. */
  readonly correction: Correction | null;
  /** Past the caches. */
  readonly fresh: boolean;
}

export interface Reasoned {
  readonly diagnosis: Diagnosis;
  readonly citations: readonly AnchoredCitation[];
}

/**
 * The four model operations in order, each answer stored before the next is asked for, citations checked against the
 * log at hand. What people said against earlier answers holds: their cause is taken, and no answer that they called
 * wrong is given again.
 */
export class Reason {
  constructor(
    private readonly model: LanguageModel,
    private readonly progress: DiagnosisProgress,
    private readonly clock: Clock,
  ) {}

  /** Who would answer now; what stored diagnoses are valid for. */
  identity(): Promise<string> {
    return this.model.identity();
  }

  /** @throws ExternalFailure, ClaimLost */
  async run(
    claim: Claim,
    report: LogReport,
    patternId: string,
    material: Material,
    signal: AbortSignal,
    { correction, fresh }: Asked = { correction: null, fresh: false },
  ): Promise<Reasoned> {
    const { incident } = claim;
    const context = failureContext(incident, report, material);
    // The caches below know the answer that was called wrong.
    const options: CallOptions = { incidentId: incident.id, signal, fresh: fresh || correction !== null };
    const done = await this.progress.steps(claim);
    const began = await this.beganAs(claim, done);
    const step = <T>(name: string, ask: () => Promise<Answer<T>>) =>
      this.step(claim, done, signal, correction ? `${name}:${correction.version}` : name, ask);

    const classification = await step<Classification>('classify', () =>
      this.model.classify(context, options),
    );
    const rootCause = await step<RootCauseAnalysis>('root_cause', async () => {
      const actualCause = correction?.actualCause ?? null;
      if (actualCause !== null) return causeOfPerson(actualCause, classification);
      const answer = await this.model.analyzeRootCause(context, classification.value, options);
      return correction ? withoutWrongCause(answer, correction) : answer;
    });
    const solution = await step<Solution>('solution', async () => {
      const answer = await this.model.generateSolution(context, rootCause.value, options);
      return correction ? withoutFailedSolution(answer, correction) : answer;
    });
    const validation = await step<Validation>('validate', () =>
      this.model.validateRemediation(context, rootCause.value, solution.value, options),
    );

    const answers = [classification, rootCause, solution, validation];
    const fallbackReason =
      answers.find(({ meta }) => meta.fallbackReason !== null)?.meta.fallbackReason ?? null;
    const isAsDecided = answers.every(({ meta }) => isOwnAnswer(meta.fallbackReason));
    // Who began and who ended may not be one: a prompt was promoted meanwhile, or another release resumed the work.
    const isOne = (await this.identity()) === began;
    const analyst = isAsDecided && isOne ? began : FALLBACK_ANALYST;
    const citations = anchorAll(rootCause.value.citations, report.evidence);
    const diagnosis: Diagnosis = {
      id: diagnosisId(incident.id, incident.latestAttempt, analyst),
      projectId: incident.projectId,
      patternId,
      incidentId: incident.id,
      analyst,
      source: answers.some(({ meta }) => meta.source === 'rules') ? 'rules' : 'model',
      state:
        citations.length > 0 || rootCause.value.statedBy === 'person' ? 'complete' : 'insufficient_evidence',
      fallbackReason,
      classification: classification.value,
      rootCause: {
        ...rootCause.value,
        citations: citations.map(({ evidenceId, quote }) => ({ evidenceId, quote })),
      },
      solution: solution.value,
      validation: validation.value,
      costUsd: answers.reduce((sum, { meta }) => sum + meta.costUsd, 0),
      modelCalls: answers.filter(({ meta }) => meta.source === 'model' && !meta.cached).length,
      createdAt: this.clock.now(),
    };
    return { diagnosis, citations };
  }

  /** Who began this diagnosis, as whoever resumes it learns too. */
  private async beganAs(claim: Claim, done: ReadonlyMap<string, StepResult>): Promise<string> {
    const stored = done.get('analyst')?.['identity'];
    if (typeof stored === 'string') return stored;
    const identity = await this.identity();
    await this.progress.saveStep(claim, 'analyst', { identity });
    return identity;
  }

  private async step<T>(
    claim: Claim,
    done: ReadonlyMap<string, StepResult>,
    signal: AbortSignal,
    name: string,
    ask: () => Promise<Answer<T>>,
  ): Promise<Answer<T>> {
    const stored = done.get(name);
    if (stored) return stored as unknown as Answer<T>;
    signal.throwIfAborted();
    const answer = await ask();
    await this.progress.saveStep(claim, name, { ...answer });
    return answer;
  }
}

/** Whether nobody had to answer in another's place: a role that people switched off is played by the rules. */
function isOwnAnswer(fallbackReason: string | null): boolean {
  return fallbackReason === null || fallbackReason.startsWith(`${AGENT_INACTIVE}:`);
}

/** Citations whose quote stands in the evidence they name, mapped to this log's lines; others are dropped. */
function anchorAll(
  citations: RootCauseAnalysis['citations'],
  evidence: readonly Evidence[],
): readonly AnchoredCitation[] {
  return citations
    .map((citation) => anchorCitation(citation, evidence))
    .filter((anchored) => anchored !== null);
}

/**
 * The citations of an earlier log of the same failure in this one: each becomes this log's line that equals it but for
 * times, paths and other variable parts; others are dropped.
 */
export function renewAll(
  citations: RootCauseAnalysis['citations'],
  evidence: readonly Evidence[],
): readonly AnchoredCitation[] {
  return citations.map((citation) => renewCitation(citation, evidence)).filter((renewed) => renewed !== null);
}

function failureContext(
  incident: Incident,
  report: LogReport,
  { similar, runbooks, files }: Material,
): FailureContext {
  return {
    projectId: incident.projectId,
    repository: repositoryName(incident.repository),
    workflowName: incident.workflowName,
    jobName: incident.jobName === '' ? null : incident.jobName,
    failedStep: report.failedStep,
    evidence: report.evidence,
    findings: report.findings,
    excerpt: report.excerpt,
    signature: report.signature,
    similar,
    runbooks,
    files,
    ruleVerdict: report.verdict,
  };
}

/** A UUID made of what the diagnosis is of, so that a step that is run again stores the same row. */
function diagnosisId(incidentId: string, attempt: number, analyst: string): string {
  const hex = createHash('sha256').update(`${incidentId}:${attempt}:${analyst}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
