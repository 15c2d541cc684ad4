import { describe, expect, it } from 'vitest';
import { FakeCache } from '../../../../test/fakes/fake-cache.js';
import { FakeEmbedder } from '../../../../test/fakes/fake-embedder.js';
import { CachedEmbedder } from './cached-embedder.js';

describe('CachedEmbedder', () => {
  it('embeds each text once, however often and among whichever others it is asked for', async () => {
    const inner = new FakeEmbedder();
    const embedder = new CachedEmbedder(inner, new FakeCache());
    const [a] = await embedder.embed(['a']);
    const [b, again, c, twice] = await embedder.embed(['b', 'a', 'c', 'b']);
    expect(inner.calls).toEqual([['a'], ['b', 'c']]);
    expect(again).toEqual(a);
    expect(twice).toEqual(b);
    expect([c]).toEqual(await inner.embed(['c']));
  });

  it('keeps vectors as packed floats, under model and dimensions', async () => {
    const cache = new FakeCache();
    await new CachedEmbedder(new FakeEmbedder(16), cache).embed(['a']);
    const [id] = cache.ids('llm.embedding');
    expect(id).toMatch(/^fake-embedder:16:[0-9a-f]{32}$/);
    expect(await cache.get({ operation: 'llm.embedding', id: id! })).toBeInstanceOf(Float32Array);
  });

  it('takes what is no vector of its dimensions for a miss', async () => {
    const cache = new FakeCache();
    const inner = new FakeEmbedder(16);
    const embedder = new CachedEmbedder(inner, cache);
    await embedder.embed(['a']);
    const id = cache.ids('llm.embedding')[0]!;
    for (const broken of [[1, 2, 3], new Float32Array(8), 'x', null]) {
      await cache.set({ operation: 'llm.embedding', id }, broken);
      expect((await embedder.embed(['a']))[0]).toHaveLength(16);
    }
    expect(inner.calls).toHaveLength(5);
  });

  it('caches no failure', async () => {
    const inner = new FakeEmbedder();
    const embedder = new CachedEmbedder(inner, new FakeCache());
    inner.fail(new Error('away'));
    await expect(embedder.embed(['a'])).rejects.toThrow('away');
    expect(await embedder.embed(['a'])).toHaveLength(1);
  });
});
