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
    try {
      if (this.embedder.isOutside && !(await this.policies.of(incident.projectId)).allowsOutsideModel) {
        return [];
      }
      const [embedding] = await this.embedder.embed([signature], signal, {
        projectId: incident.projectId,
        incidentId: incident.id,
      });
      await this.search.index(incident.id, this.embedder.model, embedding!);
      return await this.search.find({
        projectIds: [incident.projectId],
        embedding: embedding!,
        text: signature,
        model: this.embedder.model,
        excludeIncidentId: incident.id,
        // What helped before is all that helps now.
        resolvedOnly: true,
      });
    } catch (error) {
      signal?.throwIfAborted();
      this.log.warn(
        { incidentId: incident.id, error: (error as Error).message },
        'similar_incidents_unavailable',
      );
      return [];
    }
  }
}
