import type {
  Embedder,
  Incident,
  KnowledgeRepository,
  Log,
  ModelPolicies,
  RunbookPassage,
} from '@app/domain';

/** More would push the log itself out of the prompt. */
const MAX_PASSAGES = 3;

/**
 * Passages of the project's runbooks that fit a failure. An aid: its failure never stops a diagnosis. Where a project
 * forbids the embedder, or it is away, words alone find them.
 */
export class FindPassages {
  constructor(
    private readonly embedder: Embedder,
    private readonly knowledge: KnowledgeRepository,
    private readonly policies: ModelPolicies,
    private readonly log: Log,
  ) {}

  async run(incident: Incident, signature: string, signal?: AbortSignal): Promise<readonly RunbookPassage[]> {
    try {
      const embedding = await this.embed(incident, signature, signal);
      const found = await this.knowledge.findPassages({
        projectIds: [incident.projectId],
        text: signature,
        embedding,
        ...(embedding === null ? {} : { model: this.embedder.model }),
        limit: MAX_PASSAGES,
      });
      return found.map(({ title, text }) => ({ title, text }));
    } catch (error) {
      signal?.throwIfAborted();
      this.log.warn({ incidentId: incident.id, error: (error as Error).message }, 'runbooks_unavailable');
      return [];
    }
  }

  private async embed(
    { id, projectId }: Incident,
    signature: string,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array | null> {
    if (this.embedder.isOutside && !(await this.policies.of(projectId)).allowsOutsideModel) return null;
    try {
      const [embedding] = await this.embedder.embed([signature], signal);
      return embedding!;
    } catch (error) {
      signal?.throwIfAborted();
      this.log.info({ incidentId: id, error: (error as Error).message }, 'runbooks_found_by_words_alone');
      return null;
    }
  }
}
