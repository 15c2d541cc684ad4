import type { LikelyFix, PatternEvent, PatternSummary } from '../failure-pattern.js';
import type { FailureCategory } from '../failure-taxonomy.js';
import type { PatternRef } from './diagnosis-repository.js';
import type { Page } from './page.js';

export interface PatternFilter {
  /** Only these projects; undefined = all. */
  readonly projectIds?: readonly string[];
  readonly category?: readonly FailureCategory[];
  readonly muted?: boolean;
  /** Least number of occurrences. */
  readonly minOccurrences?: number;
}

/** A pattern that may be the same failure as another. */
export interface PatternSignature extends PatternRef {
  readonly signature: string;
  readonly occurrences: number;
  readonly lastSeenAt: Date;
}

/** Patterns as people look at them and put them in order. Patterns that were merged into another are not shown. */
export abstract class PatternCatalog {
  /** The one seen last first. @throws InvalidInput on a cursor that is not one */
  abstract list(filter: PatternFilter, limit: number, cursor: string | null): Promise<Page<PatternSummary>>;
  /** One for each project that has the fingerprint; of a fingerprint that was merged, the pattern it went to. */
  abstract withFingerprint(
    fingerprint: string,
    projectIds: readonly string[] | undefined,
  ): Promise<readonly PatternSummary[]>;
  /** The patterns of a project that were seen last. */
  abstract signatures(projectId: string, limit: number): Promise<readonly PatternSignature[]>;
  abstract history(patternId: string): Promise<readonly PatternEvent[]>;
  /** The newest first. */
  abstract likelyFixes(patternId: string, limit: number): Promise<readonly LikelyFix[]>;
  /** A null `reason` with `muted` false ends the muting. False when nothing had to change. */
  abstract setMuted(
    patternId: string,
    change: { readonly muted: boolean; readonly reason: string | null; readonly by: string },
  ): Promise<boolean>;
  /**
   * From now on the source's sightings are the target's; what was seen of it so far is counted there too.
   * @throws PatternNotFound for either
   * @throws InvalidInput when both are one, or when the target was merged itself
   */
  abstract merge(
    projectId: string,
    change: { readonly source: string; readonly target: string; readonly by: string },
  ): Promise<void>;
  /**
   * Undoes a merge: what was seen under the fingerprint is its own again. Answers the pattern it had gone to.
   * @throws PatternNotFound when the fingerprint was not merged
   */
  abstract unmerge(
    projectId: string,
    change: { readonly fingerprint: string; readonly by: string },
  ): Promise<PatternRef>;
}
