import type { PatternCatalog, PatternRef, PatternSignature } from '@app/domain';
import { signatureSimilarity } from '@app/log-analysis';

/** Patterns that are compared: those of the project that were seen last. */
const MAX_COMPARED = 1_000;
const MIN_SCORE = 0.5;
const MAX_CANDIDATES = 5;

export interface MergeCandidate extends PatternSignature {
  /** Share of the signature that is the same, 0 to 1. */
  readonly score: number;
}

/** Patterns of a project whose signatures are so near that they may be one failure. People decide; nothing merges by itself. */
export class FindMergeCandidates {
  constructor(private readonly catalog: PatternCatalog) {}

  /** The nearest first. */
  async run(pattern: PatternRef & { readonly signature: string }): Promise<readonly MergeCandidate[]> {
    const others = await this.catalog.signatures(pattern.projectId, MAX_COMPARED);
    return others
      .filter(({ id }) => id !== pattern.id)
      .map((other) => ({ ...other, score: round(signatureSimilarity(pattern.signature, other.signature)) }))
      .filter(({ score }) => score >= MIN_SCORE)
      .toSorted((a, b) => b.score - a.score || b.lastSeenAt.getTime() - a.lastSeenAt.getTime())
      .slice(0, MAX_CANDIDATES);
  }
}

function round(score: number): number {
  return Math.round(score * 1_000) / 1_000;
}
