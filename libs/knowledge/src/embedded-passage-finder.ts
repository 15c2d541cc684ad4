import { callerScope, EMPTY_FOR_A_MINUTE, hashOf } from '@app/cache';
import type {
  Cache,
  Embedder,
  FoundPassage,
  KnowledgeRepository,
  Log,
  ModelPolicies,
  PassageFinder,
  PassageQuestion,
  ProjectScope,
} from '@app/domain';

const DEFAULT_LIMIT = 5;
/** As often as one passage is mostly stored: for every project, and for one. */
const COPIES = 2;

export class EmbeddedPassageFinder implements PassageFinder {
  constructor(
    private readonly knowledge: KnowledgeRepository,
    private readonly policies: ModelPolicies,
    private readonly embedder: Embedder,
    private readonly cache: Cache,
    private readonly log: Log,
  ) {}

  async find({
    projectIds,
    text,
    limit = DEFAULT_LIMIT,
    signal,
  }: PassageQuestion): Promise<readonly FoundPassage[]> {
    if (text.trim() === '') return [];
    const embedding = (await this.mayEmbed(projectIds)) ? await this.embed(text, projectIds, signal) : null;
    const { model } = this.embedder;
    const id = `passages:${hashOf({ text, limit, model, embedded: embedding !== null })}`;
    const key = { operation: 'vector.search', scope: callerScope(projectIds), id } as const;
    const load = async () => {
      const asked = { projectIds, text, embedding, model, limit: limit * COPIES };
      return withoutCopies(await this.knowledge.findPassages(asked)).slice(0, limit);
    };
    return (await this.cache.getOrLoad<readonly FoundPassage[]>(key, load, EMPTY_FOR_A_MINUTE)).value;
  }

  /** Null while the embedder is away: words find something too. */
  private async embed(
    text: string,
    projectIds: ProjectScope,
    signal: AbortSignal | undefined,
  ): Promise<Float32Array | null> {
    try {
      const [embedding] = await this.embedder.embed([text], signal, {
        // What is asked of several projects is nobody's own.
        projectId: projectIds?.length === 1 ? projectIds[0]! : null,
      });
      return embedding!;
    } catch (error) {
      signal?.throwIfAborted();
      this.log.warn({ error: (error as Error).message }, 'passages_found_by_words_alone');
      return null;
    }
  }

  private async mayEmbed(projectIds: ProjectScope): Promise<boolean> {
    return !this.embedder.isOutside || this.policies.allowOutside(projectIds);
  }
}

/** Each text once, from where it was found best. */
function withoutCopies(passages: readonly FoundPassage[]): readonly FoundPassage[] {
  const byText = new Map<string, FoundPassage>();
  for (const passage of passages) if (!byText.has(passage.text)) byText.set(passage.text, passage);
  return [...byText.values()];
}
