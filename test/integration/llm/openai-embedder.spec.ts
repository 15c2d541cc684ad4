import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EmbeddingConfig } from '@app/config';
import { createEmbedder } from '@app/llm';
import { OpenAiServer } from '../../stand-ins/openai-server.js';
import { embeddingConfig } from '../../support/embedding-config.js';
import { llmParts } from '../../support/llm-parts.js';

describe('OpenAiEmbedder over HTTP', () => {
  let server: OpenAiServer;
  let world: ReturnType<typeof llmParts>;

  beforeEach(async () => {
    server = await OpenAiServer.start();
    world = llmParts();
  });

  afterEach(() => server.close());

  const build = (changed: Partial<EmbeddingConfig> = {}) =>
    createEmbedder({ embedding: embeddingConfig(server.url, changed) }, world.parts);

  it('embeds in batches, each text once, in the order it was given them', async () => {
    const embedder = build({ batchSize: 2, dimensions: 16 });
    const vectors = await embedder.embed(['a', 'b', 'a', 'c']);
    expect(server.embeddingRequests.map(({ input }) => input)).toEqual([['a', 'b'], ['c']]);
    expect(server.embeddingRequests[0]!.dimensions).toBe(16);
    expect(vectors[2]).toEqual(vectors[0]);
    expect(await embedder.embed(['c'])).toEqual([vectors[3]]);
    expect(server.embeddingRequests).toHaveLength(2);
  });

  it('cuts texts that are longer than the model takes', async () => {
    await build({ maxTokens: 100 }).embed(['x'.repeat(10_000)]);
    expect(server.embeddingRequests[0]!.input[0]!.length).toBeLessThanOrEqual(400);
  });

  it('names no size to a model that has only one, from its first refusal on', async () => {
    server.fixedDimensions = 16;
    const embedder = build({ dimensions: 16 });
    await embedder.embed(['a']);
    await embedder.embed(['b']);
    expect(server.embeddingRequests.map(({ dimensions }) => dimensions)).toEqual([16, undefined, undefined]);
  });

  it('refuses vectors of another size than was configured, naming both', async () => {
    server.fixedDimensions = 32;
    await expect(build({ dimensions: 16 }).embed(['a'])).rejects.toMatchObject({
      code: 'embedding_unusable',
      message: expect.stringMatching(/32 dimensions.*EMBEDDING_DIM is 16/),
    });
  });

  it.each([
    ['nowhere', () => Array.from({ length: 16 }, () => 0)],
    ['no numbers', () => Array.from({ length: 16 }, () => Number.MAX_VALUE)],
  ])('refuses a vector that points %s', async (_, embed) => {
    server.embed = embed;
    await expect(build({ dimensions: 16 }).embed(['a'])).rejects.toMatchObject({
      code: 'embedding_unusable',
    });
  });

  it('tries again what may pass, and stores no failure', async () => {
    const embedder = build({ maxAttempts: 2 });
    server.fail({ kind: 'status', status: 429, headers: { 'retry-after-ms': '1' } });
    expect(await embedder.embed(['a'])).toHaveLength(1);
    server.fail({ kind: 'status', status: 503, headers: { 'retry-after-ms': '1' } }, 2);
    await expect(embedder.embed(['b'])).rejects.toMatchObject({ code: 'llm_unavailable' });
    expect(await embedder.embed(['b'])).toHaveLength(1);
  });

  it('asks once when no retry can help', async () => {
    server.fail({ kind: 'status', status: 401 });
    await expect(build().embed(['a'])).rejects.toMatchObject({ code: 'llm_unauthorized' });
    expect(server.embeddingRequests).toHaveLength(1);
  });

  it('puts every request on the ledger with its tokens and its price', async () => {
    await build({ priceUsdPerMillion: 1_000 }).embed(['abcd']);
    expect(world.store.store.usage).toMatchObject([
      { operation: 'embed', provider: 'custom', model: 'stand-in-embed', inputTokens: 4, costUsd: 0.004 },
    ]);
  });
});
