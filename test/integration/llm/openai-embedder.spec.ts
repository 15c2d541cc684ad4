import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EmbeddingConfig } from '@app/config';
import { DEFAULT_MODEL_POLICY } from '@app/domain';
import { createEmbedder } from '@app/llm';
import { OpenAiServer } from '../../stand-ins/openai-server.js';
import { embeddingConfig } from '../../support/embedding-config.js';
import { NO_BUDGET } from '../../support/llm-config.js';
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

  describe('within a budget', () => {
    const NOW = '2026-11-20';
    const usedBy = async (scope: string) => {
      const limits = { costUsd: null, tokens: null, calls: null };
      return (await world.store.budget.state([{ scope, period: NOW, limits }]))[0]!.used;
    };
    it('counts what it did cost, for its project and for all, and on the ledger', async () => {
      const embedder = build({ priceUsdPerMillion: 1_000 });
      await embedder.embed(['abcd'], undefined, { projectId: 'p', incidentId: 'i' });
      await embedder.embed(['abcdef']);
      await embedder.embed(['abcdef'], undefined, { projectId: 'p' });
      expect(await usedBy('project:p')).toEqual({ calls: 1, tokens: 4, costUsd: 0.004 });
      expect(await usedBy('all')).toEqual({ calls: 2, tokens: 10, costUsd: 0.01 });
      expect(world.store.store.usage).toMatchObject([
        { operation: 'embed', projectId: 'p', incidentId: 'i', inputTokens: 4 },
        { operation: 'embed', projectId: null, incidentId: null, inputTokens: 6 },
      ]);
    });

    it('counts every try, and no tokens of one that never reached anybody', async () => {
      server.fail({ kind: 'status', status: 503 });
      await build().embed(['abcd']);
      expect((await usedBy('all')).calls).toBe(2);
      const alone = build({ maxAttempts: 1 });
      await server.close();
      await expect(alone.embed(['other'])).rejects.toMatchObject({
        code: 'llm_unavailable',
      });
      expect((await usedBy('all')).tokens).toBe(4);
      server = await OpenAiServer.start();
    });

    it.each([
      [{ dailyTokens: 3 }, undefined],
      [{ monthlyCalls: 0 }, undefined],
      [{ dailyUsd: 0.000_1 }, undefined],
      [{ projectDailyTokens: 3 }, { projectId: 'p' }],
    ])('asks nobody past %j', async (limits, subject) => {
      const embedder = build({ priceUsdPerMillion: 1_000, budget: { ...NO_BUDGET, ...limits } });
      await expect(embedder.embed(['abcd'], undefined, subject)).rejects.toMatchObject({
        code: 'llm_budget_exhausted',
        retryable: false,
      });
      expect(server.embeddingRequests).toEqual([]);
    });

    it('sends nothing outside for a project that forbids it', async () => {
      const { id: projectId } = await world.store.projects.ensure({ host: 'h', owner: 'o', name: 'n' });
      await world.store.modelPolicies.set(projectId, { ...DEFAULT_MODEL_POLICY, allowsOutsideModel: false });
      await expect(build().embed(['a'], undefined, { projectId })).rejects.toMatchObject({
        code: 'llm_forbidden_by_project',
      });
      expect(server.embeddingRequests).toEqual([]);
      expect(await build({ isOutside: false }).embed(['a'], undefined, { projectId })).toHaveLength(1);
    });
  });
});
