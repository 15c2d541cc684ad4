import type {
  Embedder,
  Incident,
  ModelPolicies,
  PatternRepository,
  SimilarIncident,
  SimilarityQuery,
  SimilaritySearch,
  StoredEmbedding,
} from '@app/domain';

/** What may be asked of an incident's neighbours, and for whom. */
export type SimilarTo = Omit<SimilarityQuery, 'embedding' | 'text' | 'model' | 'excludeIncidentId'>;

/**
 * The neighbours of an incident that somebody looks at: by the embedding that its diagnosis stored, or, where a known
 * failure needed none, by its signature embedded now.
 */
export class FindSimilarTo {
  constructor(
    private readonly embedder: Embedder,
    private readonly search: SimilaritySearch,
    private readonly patterns: PatternRepository,
    private readonly policies: ModelPolicies,
  ) {}

  /**
   * Nothing for an incident whose log was not read yet, and where its project forbids the embedder that would be needed.
   * @throws ExternalFailure when the embedder is away; InvalidInput
   */
  async run(incident: Incident, query: SimilarTo): Promise<readonly SimilarIncident[]> {
    const stored = await this.search.embeddingOf(incident.id);
    const of = stored?.model === this.embedder.model ? stored : await this.embed(incident);
    if (of === null) return [];
    const { model, embedding, text } = of;
    const words = text?.trim() ? { text } : {};
    return this.search.find({ ...query, ...words, embedding, model, excludeIncidentId: incident.id });
  }

  private async embed(incident: Incident): Promise<StoredEmbedding | null> {
    if (incident.fingerprint === null) return null;
    const pattern = await this.patterns.find(incident.projectId, incident.fingerprint);
    if (pattern === null) return null;
    const { isOutside, model } = this.embedder;
    if (isOutside && !(await this.policies.of(incident.projectId)).allowsOutsideModel) return null;
    const [embedding] = await this.embedder.embed([pattern.signature], undefined, {
      projectId: pattern.projectId,
    });
    return { model, embedding: embedding!, text: pattern.signature };
  }
}
