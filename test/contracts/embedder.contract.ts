import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Embedder } from '@app/domain';

/** What every Embedder does. */
export function embedderContract(name: string, create: () => Embedder): void {
  describe(`Embedder: ${name}`, () => {
    it('names its model and its dimensions', () => {
      const embedder = create();
      expect(embedder.model).not.toBe('');
      expect(embedder.dimensions).toBeGreaterThan(0);
    });

    it('gives a unit vector of its dimensions for any text', async () => {
      const embedder = create();
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
          const [vector] = await embedder.embed([text]);
          expect(vector).toBeInstanceOf(Float32Array);
          expect(vector).toHaveLength(embedder.dimensions);
          expect(Math.hypot(...vector!)).toBeCloseTo(1, 4);
        }),
      );
    });

    it('gives one vector a text, in the same order, also for a text that stands twice', async () => {
      const embedder = create();
      const vectors = await embedder.embed(['error TS2322', 'disk full', 'error TS2322', '']);
      expect(vectors).toHaveLength(4);
      expect(vectors[2]).toEqual(vectors[0]);
      expect(vectors[1]).not.toEqual(vectors[0]);
      expect([(await embedder.embed(['disk full']))[0]]).toEqual([vectors[1]]);
      expect(await embedder.embed([])).toEqual([]);
    });

    it('gives the same vector every time, from every instance', async () => {
      const text = ["src/basket.ts(<pos>): error TS2322: Type 'string' is not assignable to type 'number'."];
      const embedder = create();
      const first = await embedder.embed(text);
      expect(await embedder.embed(text)).toEqual(first);
      expect(await create().embed(text)).toEqual(first);
    });

    it('puts texts that share words nearer than texts that share none', async () => {
      const [one, near, far] = await create().embed([
        "error TS2322: Type 'string' is not assignable to type 'number'.",
        "error TS2322: Type 'boolean' is not assignable to type 'number'.",
        'no space left on device',
      ]);
      expect(cosine(one!, near!)).toBeGreaterThan(cosine(one!, far!) + 0.2);
    });

    it("stops for an aborted signal, with the signal's reason", async () => {
      const reason = new Error('shutting down');
      await expect(create().embed(['text'], AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });
}

function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}
