/** A job of one attempt of a run, as a test or the demo describes it. What is left out gets a plausible value. */
export interface JobSeed {
  readonly id: number;
  readonly name: string;
  /** Default `completed`. */
  readonly status?: string;
  /** Default `failure`. */
  readonly conclusion?: string | null;
  /** Name of the step that failed; the step before it succeeded. */
  readonly failedStep?: string;
  readonly startedAt?: Date;
  readonly completedAt?: Date;
  /** The job's log; a function for logs too long to hold. Left out or null: GitHub no longer has it. */
  readonly log?: string | Uint8Array | (() => AsyncIterable<Uint8Array>) | null;
}

/** One attempt of a run, as a test or the demo describes it. What is left out gets a plausible value. */
export interface RunSeed {
  /** `owner/name` */
  readonly repository: string;
  readonly id: number;
  /** Default 1. */
  readonly attempt?: number;
  readonly workflowId?: number;
  readonly workflowName?: string;
  /** What started the run; default `push`. */
  readonly event?: string;
  /** Default `completed`. */
  readonly status?: string;
  /** Default `failure`. */
  readonly conclusion?: string | null;
  readonly headSha?: string;
  readonly branch?: string;
  readonly pullRequests?: readonly number[];
  readonly completedAt?: Date;
  readonly jobs?: readonly JobSeed[];
}

export const SEED_DEFAULTS = {
  workflowId: 161_335,
  workflowName: 'CI',
  event: 'push',
  headSha: '3f9a1c7e5d2b48a6f0c1e9d8b7a6543210fedcba',
  branch: 'main',
  at: new Date('2026-11-20T10:00:00Z'),
} as const;

/** The steps of a seeded job: set-up, check-out, then the failed one where the seed names it. */
export function seedSteps(job: JobSeed): { number: number; name: string; conclusion: string | null }[] {
  const steps: { name: string; conclusion: string | null }[] = [
    { name: 'Set up job', conclusion: 'success' },
    { name: 'Run actions/checkout@v5', conclusion: 'success' },
  ];
  if (job.failedStep !== undefined) steps.push({ name: job.failedStep, conclusion: 'failure' });
  return steps.map((step, index) => ({ number: index + 1, ...step }));
}
