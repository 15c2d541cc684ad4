/** Something that a call changed at the stand-in: what tests count. */
export interface StandInEffect {
  readonly kind:
    | 'run_rerun'
    | 'job_rerun'
    | 'run_cancelled'
    | 'comment_created'
    | 'comment_updated'
    | 'issue_created'
    | 'check_created'
    | 'check_updated'
    | 'tree_created'
    | 'commit_created'
    | 'ref_created'
    | 'pull_created';
  /** `owner/name` */
  readonly repository: string;
  /** What it was done to: a run's id, a comment's, a branch. */
  readonly subject: string;
}

export interface CommentState {
  readonly id: number;
  /** Number of the issue or pull request. */
  readonly issue: number;
  body: string;
}

export interface IssueState {
  readonly number: number;
  readonly title: string;
  body: string;
  state: 'open' | 'closed';
}

export interface CheckRunState {
  readonly id: number;
  readonly name: string;
  readonly headSha: string;
  readonly externalId: string | null;
  conclusion: string | null;
  title: string;
  summary: string;
  readonly annotations: unknown[];
}

/** What was written to one repository. */
export class RepositoryWrites {
  readonly comments: CommentState[] = [];
  readonly issues: IssueState[] = [];
  readonly checks: CheckRunState[] = [];
  /** Trees that no commit has yet: their files by path. */
  readonly trees = new Map<string, ReadonlyMap<string, Uint8Array>>();
  /** Git modes of paths that aren't `100644`. */
  readonly modes = new Map<string, string>();
  /** Issues are switched off. */
  issuesDisabled = false;
}

/** What was written to the stand-in, and how often. */
export class WriteState {
  readonly effects: StandInEffect[] = [];
  /** Told of each as soon as it is done, before it is answered. */
  onEffect: (effect: StandInEffect) => void = () => undefined;
  private readonly repositories = new Map<string, RepositoryWrites>();
  private waiting: { kind: StandInEffect['kind']; resolve: () => void }[] = [];

  /** @param fullName `owner/name` */
  of(fullName: string): RepositoryWrites {
    const known = this.repositories.get(fullName.toLowerCase());
    if (known) return known;
    const made = new RepositoryWrites();
    this.repositories.set(fullName.toLowerCase(), made);
    return made;
  }

  note(kind: StandInEffect['kind'], repository: string, subject: string | number): void {
    const effect = { kind, repository, subject: String(subject) };
    this.effects.push(effect);
    this.onEffect(effect);
    for (const { resolve } of this.waiting.filter((each) => each.kind === kind)) resolve();
    this.waiting = this.waiting.filter((each) => each.kind !== kind);
  }

  /** Resolves as soon as something is done, before it is answered. */
  nextEffect(kind: StandInEffect['kind']): Promise<void> {
    return new Promise((resolve) => this.waiting.push({ kind, resolve }));
  }

  /** How often something was done, of one subject or of all. */
  count(kind: StandInEffect['kind'], subject?: string | number): number {
    return this.effects.filter(
      (effect) => effect.kind === kind && (subject === undefined || effect.subject === String(subject)),
    ).length;
  }
}
