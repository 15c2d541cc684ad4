import { InvalidConfiguration } from '@app/config';
import type { Embedder } from '@app/domain';

/**
 * Holds the configured embedder to what the database keeps.
 * @throws InvalidConfiguration with the command that mends it
 */
export async function assertEmbeddingsFit(
  embedder: Pick<Embedder, 'model' | 'dimensions'>,
  database: { dimensions(): Promise<number> },
): Promise<void> {
  const kept = await database.dimensions();
  if (kept === embedder.dimensions) return;
  throw new InvalidConfiguration([
    `EMBEDDING_DIM: ${embedder.model} has ${embedder.dimensions} dimensions, and the database keeps embeddings of ${kept}. Run “npm run cli -- embeddings rebuild”, which embeds every incident and document anew, or configure an embedder of ${kept} dimensions.`,
  ]);
}
