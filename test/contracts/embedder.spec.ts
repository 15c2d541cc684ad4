import { CachedEmbedder, HashedNgramEmbedder } from '@app/llm';
import { FakeCache } from '../fakes/fake-cache.js';
import { FakeEmbedder } from '../fakes/fake-embedder.js';
import { embedderContract } from './embedder.contract.js';

embedderContract('fake', () => new FakeEmbedder());
embedderContract('hashed n-grams', () => new HashedNgramEmbedder());
embedderContract('cached', () => new CachedEmbedder(new HashedNgramEmbedder(), new FakeCache()));
