import type { FailurePattern } from './incident.js';
import type { RepositoryRef } from './repository-ref.js';

/** A pattern with what is known of it, as people see it. */
export interface PatternSummary extends FailurePattern {
  readonly repository: RepositoryRef;
  /** Incidents whose latest attempt is of this pattern. */
  readonly incidents: number;
  /** Incidents of it that passed later, and those of them that passed on the very commit that had failed. */
  readonly passes: number;
  readonly passesOnSameCommit: number;
  readonly muteReason: string | null;
  readonly mutedBy: string | null;
  /** Fingerprints that were merged into this one: their sightings are counted here. */
  readonly mergedFingerprints: readonly string[];
  readonly diagnosis: {
    readonly id: string;
    readonly source: string;
    readonly rootCause: string;
    readonly solution: string;
    readonly createdAt: Date;
  } | null;
}

/** Share of the incidents that passed on the commit that had failed, of those that passed at all; null before the first. */
export function flakinessOf({ passes, passesOnSameCommit }: PatternSummary): number | null {
  return passes === 0 ? null : passesOnSameCommit / passes;
}

/** Mean time from one occurrence to the next in milliseconds; null before the second. */
export function meanMsBetween(
  pattern: Pick<FailurePattern, 'occurrences' | 'firstSeenAt' | 'lastSeenAt'>,
): number | null {
  const { occurrences, firstSeenAt, lastSeenAt } = pattern;
  return occurrences < 2
    ? null
    : Math.round((lastSeenAt.getTime() - firstSeenAt.getTime()) / (occurrences - 1));
}

/** Something that a person did to a pattern. */
export interface PatternEvent {
  readonly at: Date;
  readonly kind: 'muted' | 'unmuted' | 'merged' | 'unmerged';
  /** Name of the API key. */
  readonly by: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A commit between the failure and the run that passed. */
export interface FixCommit {
  readonly sha: string;
  /** Redacted. */
  readonly message: string;
  readonly author: string | null;
  readonly url: string | null;
}

/** What probably mended a pattern: what came between the commit that failed and the one that passed. */
export interface LikelyFix {
  readonly incidentId: string | null;
  readonly redSha: string;
  readonly greenSha: string;
  readonly commits: readonly FixCommit[];
  /** All commits between the two, of which `commits` may be the first ones. */
  readonly totalCommits: number;
  readonly files: readonly string[];
  readonly url: string | null;
  readonly foundAt: Date;
}
