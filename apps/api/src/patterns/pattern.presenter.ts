import {
  flakinessOf,
  meanMsBetween,
  repositoryName,
  type LikelyFix,
  type PatternEvent,
  type PatternSummary,
} from '@app/domain';
import type { MergeCandidate } from '@app/pipeline';
import type { PatternAcrossProjectsView, PatternDetailView, PatternView } from './pattern.schemas.js';

export interface PatternParts {
  readonly pattern: PatternSummary;
  readonly fixes: readonly LikelyFix[];
  readonly candidates: readonly MergeCandidate[];
  readonly history: readonly PatternEvent[];
}

export function presentPattern(pattern: PatternSummary): PatternView {
  const { diagnosis, mutedAt } = pattern;
  return {
    id: pattern.id,
    projectId: pattern.projectId,
    repository: repositoryName(pattern.repository),
    fingerprint: pattern.fingerprint,
    signature: pattern.signature,
    category: pattern.category,
    occurrences: pattern.occurrences,
    incidents: pattern.incidents,
    firstSeenAt: pattern.firstSeenAt.toISOString(),
    lastSeenAt: pattern.lastSeenAt.toISOString(),
    meanMsBetween: meanMsBetween(pattern),
    flakiness: {
      rate: flakinessOf(pattern),
      passes: pattern.passes,
      passesOnSameCommit: pattern.passesOnSameCommit,
    },
    muted: mutedAt && { at: mutedAt.toISOString(), by: pattern.mutedBy, reason: pattern.muteReason },
    mergedFingerprints: [...pattern.mergedFingerprints],
    diagnosis: diagnosis && { ...diagnosis, createdAt: diagnosis.createdAt.toISOString() },
  };
}

export function presentPatternDetail({
  pattern,
  fixes,
  candidates,
  history,
}: PatternParts): PatternDetailView {
  return {
    ...presentPattern(pattern),
    likelyFixes: fixes.map(({ foundAt, commits, files, ...fix }) => ({
      ...fix,
      commits: commits.map((commit) => ({ ...commit })),
      files: [...files],
      foundAt: foundAt.toISOString(),
    })),
    mergeCandidates: candidates.map(({ fingerprint, score, signature, occurrences, lastSeenAt }) => ({
      fingerprint,
      score,
      signature,
      occurrences,
      lastSeenAt: lastSeenAt.toISOString(),
    })),
    history: history.map(({ at, kind, by, facts }) => ({
      at: at.toISOString(),
      kind,
      by,
      facts: { ...facts },
    })),
  };
}

/** @param patterns at least one */
export function presentAcrossProjects(
  fingerprint: string,
  patterns: readonly PatternDetailView[],
): PatternAcrossProjectsView {
  return {
    fingerprint,
    occurrences: patterns.reduce((sum, { occurrences }) => sum + occurrences, 0),
    // ISO times in UTC sort as text.
    firstSeenAt: patterns.map((pattern) => pattern.firstSeenAt).toSorted()[0]!,
    lastSeenAt: patterns
      .map((pattern) => pattern.lastSeenAt)
      .toSorted()
      .at(-1)!,
    patterns: [...patterns],
  };
}
