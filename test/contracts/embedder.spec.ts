import { CachedEmbedder, createEmbedder, HashedNgramEmbedder } from '@app/llm';
import { afterAll } from 'vitest';
import { FakeCache } from '../fakes/fake-cache.js';
import { FakeEmbedder } from '../fakes/fake-embedder.js';
import { OpenAiServer } from '../stand-ins/openai-server.js';
import { embeddingConfig } from '../support/embedding-config.js';
import { llmParts } from '../support/llm-parts.js';
import { embedderContract } from './embedder.contract.js';

embedderContract('fake', () => new FakeEmbedder());
embedderContract('hashed n-grams', () => new HashedNgramEmbedder());
embedderContract('cached', () => new CachedEmbedder(new HashedNgramEmbedder(), new FakeCache()));

const server = await OpenAiServer.start();
// As an embedding model would: texts that share words are near.
const words = new HashedNgramEmbedder();
server.embed = (text) => [...words.vectorOf(text)];
afterAll(() => server.close());
embedderContract('OpenAI', () =>
  createEmbedder({ embedding: embeddingConfig(server.url) }, llmParts().parts),
);
