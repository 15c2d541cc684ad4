import type {
  ArchivedLog,
  Clock,
  Delivery,
  DeliveryMeaning,
  Diagnosis,
  FailedJob,
  FailedRun,
  PatternSighting,
  UsageEntry,
} from '@app/domain';
import type { Repositories } from '@app/persistence';

const NOON = new Date('2026-11-20T12:00:00.123Z').getTime();

/** A clock that stands still until a test moves it. */
export class TestClock implements Clock {
  private at = NOON;

  now(): Date {
    return new Date(this.at);
  }

  advance(ms: number): Date {
    this.at += ms;
    return this.now();
  }

  reset(): void {
    this.at = NOON;
  }
}

/** The repositories of one store, empty, on a clock of the test's. */
export interface PersistenceUnderTest extends Repositories {
  readonly clock: TestClock;
}

/** Makes the store empty and gives it. */
export type OpenEmpty = () => Promise<PersistenceUnderTest>;

export const REPOSITORY = { host: 'github.com', owner: 'Acme', name: 'App' };

export function failedJob(changes: Partial<FailedJob> = {}): FailedJob {
  return {
    source: 'github',
    repository: REPOSITORY,
    // As large as GitHub's ids are: beyond 32 bits.
    runId: 26_000_000_001,
    jobName: 'build (ubuntu-latest)',
    attempt: 1,
    jobId: 76_000_000_001,
    workflowId: 120_000_001,
    workflowName: 'CI',
    conclusion: 'failure',
    headSha: 'c0ffee',
    branch: 'feature/login',
    pullRequests: [7, 9],
    failedStep: 'Run npm test',
    failedAt: new Date('2026-11-20T11:59:00.456Z'),
    url: 'https://github.com/Acme/App/actions/runs/26000000001',
    ...changes,
  };
}

export function failedRun(changes: Partial<FailedRun> = {}): FailedRun {
  return {
    repository: REPOSITORY,
    runId: 26_000_000_001,
    attempt: 1,
    workflowId: 120_000_001,
    workflowName: 'CI',
    conclusion: 'failure',
    headSha: 'c0ffee',
    branch: 'feature/login',
    pullRequests: [],
    failedAt: new Date('2026-11-20T11:59:00.456Z'),
    url: null,
    ...changes,
  };
}

export function delivery(id: string, meaning: DeliveryMeaning, changes: Partial<Delivery> = {}): Delivery {
  return {
    id,
    event: meaning.kind === 'failed_run' ? 'workflow_run' : 'workflow_job',
    action: 'completed',
    repository: REPOSITORY,
    receivedAt: new Date(NOON),
    meaning,
    ...changes,
  };
}

export function sighting(
  of: { incidentId: string; projectId: string },
  changes: Partial<PatternSighting> = {},
): PatternSighting {
  return {
    ...of,
    attempt: 1,
    fingerprint: 'f1',
    signature: 'error TS2345 in <path>',
    category: 'compile_error',
    subcategory: 'typescript',
    determinism: 'deterministic',
    confidence: 0.9,
    seenAt: new Date('2026-11-20T11:59:00.456Z'),
    ...changes,
  };
}

export function diagnosis(
  of: { incidentId: string; projectId: string; patternId: string },
  changes: Partial<Diagnosis> = {},
): Diagnosis {
  return {
    id: 'd0000000-0000-8000-a000-000000000001',
    ...of,
    analyst: 'rules:1',
    source: 'rules',
    state: 'complete',
    fallbackReason: null,
    classification: {
      category: 'compile_error',
      subcategory: 'typescript',
      severity: 'high',
      determinism: 'deterministic',
      attribution: 'change',
      fixability: 'code_patch',
      confidence: 0.85,
      reasoning: 'tsc says so.',
      keyLines: [{ evidenceId: 'E1', quote: 'error TS2345' }],
    },
    rootCause: {
      primaryCause: 'Argument of type Widget is not assignable to Gadget.',
      contributingFactors: [],
      errorChain: ['A type error.', 'The step failed.'],
      affectedComponents: ['src/a.ts'],
      citations: [{ evidenceId: 'E1', quote: 'error TS2345' }],
      confidence: 0.85,
      prevention: [],
    },
    solution: {
      summary: 'Pass a Gadget.',
      steps: ['Change the argument.'],
      commands: [],
      edits: [],
      configurationChanges: [{ file: null, setting: 'a', value: 'b', reason: 'c' }],
      risk: 'low',
      prevention: [],
      estimatedMinutes: null,
    },
    validation: null,
    costUsd: 0.000_123_457,
    modelCalls: 3,
    createdAt: new Date('2026-11-20T12:00:01.001Z'),
    ...changes,
  };
}

export function archivedLog(incidentId: string, changes: Partial<ArchivedLog> = {}): ArchivedLog {
  return {
    incidentId,
    attempt: 1,
    gzip: Uint8Array.from({ length: 300 }, (_, index) => index % 256),
    lines: 12,
    chars: 345,
    truncated: false,
    report: {
      format: 'github',
      lines: 12,
      bytes: 400,
      redactions: 1,
      failedStep: 'Run npm test',
      primary: { line: 3, text: 'error TS2345' },
      evidence: [{ id: 'E1', startLine: 3, endLine: 3, text: 'error TS2345' }],
      findings: [{ tool: 'tsc', code: 'TS2345', message: 'no', startLine: 3, endLine: 3 }],
      excerpt: '3 | error TS2345',
      signature: 'error TS2345',
      fingerprint: 'f1',
      verdict: {
        category: 'compile_error',
        subcategory: null,
        confidence: 0.9,
        determinism: 'deterministic',
        attribution: 'change',
        fixability: 'code_patch',
        rootCause: 'A type error.',
        suggestion: null,
      },
      ms: 4.5,
    },
    ...changes,
  };
}

export function usageEntry(changes: Partial<UsageEntry> = {}): UsageEntry {
  return {
    at: new Date('2026-11-20T12:00:02.000Z'),
    operation: 'classify',
    provider: 'openai',
    model: 'gpt-test',
    promptVersion: 'p1',
    projectId: null,
    incidentId: null,
    inputTokens: 1_000,
    cachedInputTokens: 400,
    outputTokens: 50,
    costUsd: 0.000_000_15,
    latencyMs: 321.5,
    outcome: 'answered',
    cache: 'miss',
    attempt: 1,
    error: null,
    ...changes,
  };
}

/** Opens one incident; gives its ids. */
export async function openOne(
  store: Repositories,
  changes: Partial<FailedJob> = {},
): Promise<{ incidentId: string; projectId: string }> {
  const [opened] = await store.incidents.open([failedJob(changes)]);
  const incident = await store.incidents.get(opened!.incidentId);
  return { incidentId: incident.id, projectId: incident.projectId };
}

/** An id that nothing has. */
export const NOBODY = '00000000-0000-4000-8000-000000000000';
