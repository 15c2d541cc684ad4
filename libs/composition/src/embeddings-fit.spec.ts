import { describe, expect, it } from 'vitest';
import { assertEmbeddingsFit } from './embeddings-fit.js';

const keeping = (dimensions: number) => ({ dimensions: async () => dimensions });

describe('assertEmbeddingsFit', () => {
  it('lets an embedder pass whose vectors the database keeps', async () => {
    await expect(assertEmbeddingsFit({ model: 'm', dimensions: 768 }, keeping(768))).resolves.toBeUndefined();
  });

  it('names both figures and the command that mends it otherwise', async () => {
    await expect(assertEmbeddingsFit({ model: 'm', dimensions: 1_536 }, keeping(768))).rejects.toThrow(
      /m has 1536 dimensions, and the database keeps embeddings of 768\..*embeddings rebuild/,
    );
  });
});
