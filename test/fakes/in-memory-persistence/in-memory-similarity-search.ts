import {
  IncidentNotFound,
  type SimilarIncident,
  type SimilarityQuery,
  type SimilaritySearch,
} from '@app/domain';
import { assertEmbedding, cosine } from './embedding-value.js';
import type { MemoryStore } from './store.js';

export class InMemorySimilaritySearch implements SimilaritySearch {
  constructor(private readonly store: MemoryStore) {}

  async index(incidentId: string, model: string, embedding: Float32Array): Promise<void> {
    assertEmbedding(embedding);
    if (!this.store.incidents.has(incidentId)) throw new IncidentNotFound(incidentId);
    this.store.embeddings.set(incidentId, { model, vector: embedding.slice() });
  }

  async find(query: SimilarityQuery): Promise<SimilarIncident[]> {
    assertEmbedding(query.embedding);
    return [...this.store.embeddings]
      .filter(([, { model }]) => query.model === undefined || query.model === model)
      .map(([id, { vector }]) => ({
        row: this.store.incidents.get(id)!,
        score: cosine(vector, query.embedding),
      }))
      .filter(
        ({ row, score }) =>
          query.projectIds.includes(row.projectId) &&
          row.id !== query.excludeIncidentId &&
          score >= (query.threshold ?? 0.7),
      )
      .toSorted((a, b) => b.score - a.score)
      .slice(0, query.limit ?? 5)
      .map(({ row, score }) => ({
        incidentId: row.id,
        score,
        category: row.category,
        rootCause: row.rootCause,
        solution:
          row.diagnosisId === null ? null : this.store.diagnoses.get(row.diagnosisId)!.solution.summary,
        resolved: row.status === 'resolved',
      }));
  }
}
