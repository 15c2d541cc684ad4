/** A step, as a test or the demo describes it. */
export interface StepSeed {
  readonly name: string;
  /** Default `completed`. */
  readonly status?: string;
  /** Default `success`. */
  readonly conclusion?: string | null;
  readonly startedAt?: Date | null;
  readonly completedAt?: Date | null;
}

/** An annotation of a job's check run, in GitHub's own shape. */
export interface AnnotationSeed {
  readonly path: string;
  readonly start_line: number;
  readonly end_line?: number;
  readonly annotation_level?: 'notice' | 'warning' | 'failure';
  readonly title?: string | null;
  readonly message: string;
}

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
  /** All steps, in place of those that `failedStep` makes. */
  readonly steps?: readonly StepSeed[];
  readonly startedAt?: Date;
  readonly completedAt?: Date;
  /** The job's log; a function for logs too long to hold. Left out or null: GitHub no longer has it. */
  readonly log?: string | Uint8Array | (() => AsyncIterable<Uint8Array>) | null;
  /** The log in the run's archive, where it differs from `log`. */
  readonly archivedLog?: string | Uint8Array;
  readonly annotations?: readonly AnnotationSeed[];
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
  /** Default `.github/workflows/ci.yml`. */
  readonly workflowPath?: string;
  /** What started the run; default `push`. */
  readonly event?: string;
  /** Default `completed`. */
  readonly status?: string;
  /** Default `failure`. */
  readonly conclusion?: string | null;
  readonly headSha?: string;
  readonly branch?: string;
  /** `owner/name` of where the branch lives; null for a fork that was deleted. Default: the repository. */
  readonly headRepository?: string | null;
  readonly commitMessage?: string;
  readonly pullRequests?: readonly number[];
  /** Default: `completedAt`. */
  readonly createdAt?: Date;
  /** When this attempt began; default: `createdAt`. */
  readonly startedAt?: Date;
  readonly completedAt?: Date;
  readonly jobs?: readonly JobSeed[];
  /** The run's log archive, in place of the one made from its jobs. */
  readonly archive?: Uint8Array;
}

export const SEED_DEFAULTS = {
  workflowId: 161_335,
  workflowName: 'CI',
  workflowPath: '.github/workflows/ci.yml',
  event: 'push',
  headSha: '3f9a1c7e5d2b48a6f0c1e9d8b7a6543210fedcba',
  branch: 'main',
  at: new Date('2026-11-20T10:00:00Z'),
} as const;

/** The steps of a seeded job: its own, else set-up, check-out, and the failed one where the seed names it. */
export function seedSteps(job: JobSeed) {
  const completedAt = job.completedAt ?? SEED_DEFAULTS.at;
  const startedAt = job.startedAt ?? completedAt;
  const steps: StepSeed[] = [...(job.steps ?? [{ name: 'Set up job' }, { name: 'Run actions/checkout@v5' }])];
  if (job.steps === undefined && job.failedStep !== undefined) {
    steps.push({ name: job.failedStep, conclusion: 'failure' });
  }
  return steps.map((step, index) => ({
    number: index + 1,
    name: step.name,
    status: step.status ?? 'completed',
    conclusion: step.conclusion === undefined ? 'success' : step.conclusion,
    startedAt: step.startedAt === undefined ? startedAt : step.startedAt,
    completedAt: step.completedAt === undefined ? completedAt : step.completedAt,
  }));
}
