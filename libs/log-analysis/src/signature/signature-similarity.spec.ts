import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signatureSimilarity } from './signature-similarity.js';

describe('the similarity of signatures', () => {
  const signature = fc.array(fc.string({ maxLength: 40 }), { maxLength: 6 }).map((lines) => lines.join('\n'));

  it('is between 0 and 1, the same both ways, and 1 for a signature with itself', () => {
    fc.assert(
      fc.property(signature, signature, (a, b) => {
        const similarity = signatureSimilarity(a, b);
        expect(similarity).toBeGreaterThanOrEqual(0);
        expect(similarity).toBeLessThanOrEqual(1);
        expect(signatureSimilarity(b, a)).toBe(similarity);
        expect(signatureSimilarity(a, a)).toBe(1);
      }),
    );
  });

  it('tells a reworded failure from another one', () => {
    const failure =
      "error TS2322: Type 'string' is not assignable to type 'number'.\nFound 1 error in src/a.ts";
    const reworded =
      "error TS2322: Type 'string' is not assignable to type 'number'.\nFound 2 errors in src/a.ts";
    const other = 'npm ERR! ERESOLVE could not resolve\nnpm ERR! peer react from react-dom';
    expect(signatureSimilarity(failure, reworded)).toBeGreaterThan(0.6);
    expect(signatureSimilarity(failure, other)).toBeLessThan(0.1);
  });

  it('finds nothing in common where one says nothing', () => {
    expect(signatureSimilarity('', 'error')).toBe(0);
  });
});
