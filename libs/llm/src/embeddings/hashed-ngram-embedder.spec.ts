import { describe, expect, it } from 'vitest';
import { HashedNgramEmbedder } from './hashed-ngram-embedder.js';

const embedder = new HashedNgramEmbedder();
const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe('HashedNgramEmbedder', () => {
  it('gives the very same vector in every release: stored ones stay comparable', async () => {
    const [vector] = await embedder.embed(['error TS2322: not assignable']);
    const used = [...vector!].flatMap((value, slot) => (value === 0 ? [] : [`${slot}:${value.toFixed(4)}`]));
    expect(used.join(' ')).toMatchInlineSnapshot(
      `"5:0.1176 13:-0.3360 84:-0.1176 106:0.2688 117:-0.1176 130:0.1176 215:-0.1176 240:0.1176 241:0.1176 302:0.1176 312:-0.1176 313:0.1176 314:0.1176 376:-0.1176 380:-0.1176 382:-0.3360 447:-0.3360 461:-0.1176 465:0.1176 512:0.1176 524:0.2688 525:0.3360 563:0.1176 596:0.1176 609:0.2688 618:-0.1176 718:-0.1176 747:0.1176 749:-0.1176 755:0.1176 766:-0.1176"`,
    );
  });

  it('finds the failure of the same kind among others', async () => {
    const [asked, ...others] = await embedder.embed([
      "npm ERR! ERESOLVE could not resolve peer react@'^17' from react-table@7.8.0",
      "npm ERR! ERESOLVE could not resolve peer react@'^16' from react-select@3.2.0",
      'npm ERR! network request to registry failed, reason: ETIMEDOUT',
      'AssertionError: expected 3 to equal 4 at cart.test.ts',
      'ERROR: no space left on device',
    ]);
    const scores = others.map((other) => cosine(asked!, other));
    expect(scores[0]).toBe(Math.max(...scores));
    expect(scores[0]).toBeGreaterThan(0.6);
    expect(Math.max(...scores.slice(2))).toBeLessThan(0.25);
  });

  it('does not mind upper case and punctuation', async () => {
    const [a, b] = await embedder.embed(['Error: Disk FULL!', 'error disk full']);
    expect(cosine(a!, b!)).toBeCloseTo(1, 5);
  });
});
