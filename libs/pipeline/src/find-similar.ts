import type { Embedder, Incident, Log, ModelPolicies, SimilarIncident, SimilaritySearch } from '@app/domain';

/**
 * Embeds an incident's signature, indexes it, and finds its resolved neighbours. An aid: its failure never stops a diagnosis, and
 * a project that forbids outside models goes without it where the embedder is one.
 */
export class FindSimilar {
  constructor(
    private readonly embedder: Embedder,
    private readonly search: SimilaritySearch,
    private readonly policies: ModelPolicies,
    private readonly log: Log,
  ) {}

  async run(incident: Incident, signature: string, signal?: AbortSignal): Promise<SimilarIncident[]> {
    const found = await this.asAid(incident, signal, async () => {
      const embedding = await this.embed(incident, signature, signal);
      await this.search.index(incident.id, this.embedder.model, embedding);
      return this.search.find({
        projectIds: [incident.projectId],
        embedding,
        text: signature,
        model: this.embedder.model,
        excludeIncidentId: incident.id,
        // What helped before is all that helps now.
        resolvedOnly: true,
      });
    });
    return found ?? [];
  }

  /**
   * Lets others find an incident whose failure is known: by the embedding of one that failed alike, or, where none of these
   * has one, by its own.
   */
  async remember(incident: Incident, signature: string, signal?: AbortSignal): Promise<void> {
    await this.asAid(incident, signal, async () => {
      if (await this.search.indexAlike(incident.id, this.embedder.model)) return;
      const embedding = await this.embed(incident, signature, signal);
      await this.search.index(incident.id, this.embedder.model, embedding);
    });
  }

  private async embed(incident: Incident, signature: string, signal?: AbortSignal): Promise<Float32Array> {
    const [embedding] = await this.embedder.embed([signature], signal, {
      projectId: incident.projectId,
      incidentId: incident.id,
    });
    return embedding!;
  }

  private async asAid<T>(
    incident: Incident,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T | null> {
    try {
      const { isOutside } = this.embedder;
      if (isOutside && !(await this.policies.of(incident.projectId)).allowsOutsideModel) return null;
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      this.log.warn(
        { incidentId: incident.id, error: (error as Error).message },
        'similar_incidents_unavailable',
      );
      return null;
    }
  }
}
