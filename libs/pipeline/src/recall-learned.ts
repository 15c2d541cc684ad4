import type {
  Correction,
  FailurePattern,
  FeedbackRepository,
  LikelyFix,
  Log,
  PatternCatalog,
  SimilarIncident,
} from '@app/domain';

const MAX_FIXES = 3;
const MAX_COMMITS = 3;
const MAX_FILES = 10;

export interface Learned {
  readonly correction: Correction | null;
  /** What mended the pattern before, as examples that come before all others. */
  readonly examples: readonly SimilarIncident[];
}

/** What people and later runs taught about a pattern. */
export class RecallLearned {
  constructor(
    private readonly feedback: FeedbackRepository,
    private readonly catalog: PatternCatalog,
    private readonly log: Log,
  ) {}

  async run(pattern: FailurePattern): Promise<Learned> {
    const correction = await this.feedback.correctionOf(pattern.id);
    const fixes = await this.catalog.likelyFixes(pattern.id, MAX_FIXES);
    if (correction || fixes.length > 0) {
      const { fingerprint } = pattern;
      this.log.info(
        { fingerprint, verdicts: correction?.version ?? 0, fixes: fixes.length },
        'learned_recalled',
      );
    }
    return {
      correction,
      examples: [...denials(pattern, correction), ...fixes.map((fix) => exampleOf(pattern, fix, correction))],
    };
  }

  /** How many verdicts people gave on the pattern. */
  async verdicts(pattern: FailurePattern): Promise<number> {
    return (await this.feedback.correctionOf(pattern.id))?.version ?? 0;
  }
}

/** Causes that are known to be wrong, where nobody knows the right one: they are told so that another is looked for. */
function denials(pattern: FailurePattern, correction: Correction | null): SimilarIncident[] {
  if (!correction || correction.actualCause !== null) return [];
  return correction.wrongCauses.map((cause) => ({
    ...known(pattern, pattern.id),
    rootCause: `NOT this, as a person found out: ${cause}`,
    solution: null,
  }));
}

function known(pattern: FailurePattern, incidentId: string) {
  const { projectId, category } = pattern;
  return { incidentId, projectId, category, score: 1, resolved: true, verified: true };
}

function exampleOf(pattern: FailurePattern, fix: LikelyFix, correction: Correction | null): SimilarIncident {
  return {
    ...known(pattern, fix.incidentId ?? pattern.id),
    rootCause: correction?.actualCause ?? 'The same failure, earlier.',
    solution: describeFix(fix),
  };
}

/** The commits between the failure and the run that passed, in words. */
export function describeFix({ commits, totalCommits, files }: LikelyFix): string {
  const shown = commits
    .slice(-MAX_COMMITS)
    .map(({ sha, message }) => `${sha.slice(0, 7)} “${firstLine(message)}”`);
  const others = totalCommits - shown.length;
  const changed = files.slice(0, MAX_FILES).join(', ');
  return `It passed after ${shown.join(', ')}${others > 0 ? ` and ${others} more commits` : ''}${changed === '' ? '' : `, which changed ${changed}`}.`;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!.slice(0, 120);
}
