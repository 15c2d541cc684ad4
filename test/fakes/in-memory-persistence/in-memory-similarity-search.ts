import {
  IncidentNotFound,
  InvalidInput,
  type SimilarIncident,
  type SimilarityQuery,
  type SimilaritySearch,
  type StoredEmbedding,
} from '@app/domain';
import { assertEmbedding, cosine } from './embedding-value.js';
import type { IncidentRow, MemoryStore } from './store.js';

const RRF_K = 60;

interface Candidate {
  readonly row: IncidentRow;
  readonly score: number;
  /** How many words it shares with the text that is searched by. */
  readonly shared: number;
}

export class InMemorySimilaritySearch implements SimilaritySearch {
  constructor(private readonly store: MemoryStore) {}

  async index(incidentId: string, model: string, embedding: Float32Array): Promise<void> {
    assertEmbedding(embedding);
    if (!this.store.incidents.has(incidentId)) throw new IncidentNotFound(incidentId);
    this.store.embeddings.set(incidentId, { model, vector: embedding.slice() });
  }

  async indexAlike(incidentId: string, model: string): Promise<boolean> {
    const patternId = this.store.incidents.get(incidentId)?.patternId ?? null;
    const alike = [...this.store.embeddings].find(
      ([id, known]) =>
        patternId !== null && known.model === model && this.store.incidents.get(id)?.patternId === patternId,
    );
    if (!alike) return false;
    this.store.embeddings.set(incidentId, alike[1]);
    return true;
  }

  async find(query: SimilarityQuery): Promise<SimilarIncident[]> {
    const { threshold = 0.7, limit = 5, text } = query;
    assertEmbedding(query.embedding);
    if (!(threshold >= 0 && threshold <= 1)) throw new InvalidInput(`${threshold} is no threshold.`);
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= 100))
      throw new InvalidInput(`${limit} is no limit.`);
    if (text?.trim() === '') throw new InvalidInput('The text is empty.');
    const asked = wordsOf(text ?? '');
    const candidates = [...this.store.embeddings]
      .filter(([id, { model }]) => this.isAskedFor(this.store.incidents.get(id)!, model, query))
      .map(([id, { vector }]): Candidate => {
        const row = this.store.incidents.get(id)!;
        const shared = [...wordsOf(this.signatureOf(row) ?? '')].filter((word) => asked.has(word)).length;
        return { row, score: cosine(vector, query.embedding), shared };
      });
    const near = candidates.toSorted((a, b) => b.score - a.score);
    const worded = candidates.filter(({ shared }) => shared > 0).toSorted((a, b) => b.shared - a.shared);
    const rank = (each: Candidate): number =>
      (shareOf(near, each) + shareOf(worded, each)) * (1 + each.row.outcomeWeight);
    return near
      .filter(({ score }) => score >= threshold)
      .toSorted((a, b) => rank(b) - rank(a))
      .slice(0, limit)
      .map(({ row, score }) => ({
        incidentId: row.id,
        projectId: row.projectId,
        score,
        category: row.category,
        rootCause: row.rootCause,
        solution:
          row.diagnosisId === null ? null : this.store.diagnoses.get(row.diagnosisId)!.solution.summary,
        resolved: row.status === 'resolved',
        verified: isVerified(row),
      }));
  }

  async embeddingOf(incidentId: string): Promise<StoredEmbedding | null> {
    const stored = this.store.embeddings.get(incidentId);
    const row = this.store.incidents.get(incidentId);
    return stored && row
      ? { model: stored.model, embedding: stored.vector.slice(), text: this.signatureOf(row) }
      : null;
  }

  private isAskedFor(row: IncidentRow, model: string, query: SimilarityQuery): boolean {
    const since = query.withinMs === undefined ? null : this.store.clock.now().getTime() - query.withinMs;
    return (
      row.outcomeWeight > -1 &&
      (query.projectIds === null || query.projectIds.includes(row.projectId)) &&
      row.id !== query.excludeIncidentId &&
      (query.model === undefined || query.model === model) &&
      (query.category === undefined || query.category === row.category) &&
      (!query.resolvedOnly || row.status === 'resolved') &&
      (!query.verifiedOnly || isVerified(row)) &&
      (since === null || row.lastFailedAt.getTime() >= since)
    );
  }

  private signatureOf(row: IncidentRow): string | null {
    return row.patternId === null ? null : (this.store.patterns.get(row.patternId)?.signature ?? null);
  }
}

/** Of reciprocal rank fusion. */
function shareOf(ranking: readonly Candidate[], candidate: Candidate): number {
  return ranking.includes(candidate) ? 1 / (RRF_K + ranking.indexOf(candidate) + 1) : 0;
}

function isVerified(row: IncidentRow): boolean {
  return row.status === 'resolved' && row.verifiedAt !== null;
}

function wordsOf(text: string): Set<string> {
  return new Set(
    text
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word.length >= 3),
  );
}
