import { describe, expect, it } from 'vitest';
import { evidenceBlocks } from './evidence-blocks.js';

const evidence = [
  {
    startLine: 10,
    text: [
      'npm http fetch GET 200',
      'npm error code ERESOLVE',
      'npm error',
      '',
      'npm error ERESOLVE could not resolve',
      'npm error',
      'npm error While resolving: components@4.8.2',
      'npm error Found: react@18',
    ].join('\n'),
  },
  { startLine: 40, text: 'tail one\ntail two\ntail three' },
];
const numbers = (citations: number[]) =>
  evidenceBlocks(evidence, citations).map((block) => block.map(({ number }) => number));

describe('evidenceBlocks', () => {
  it('shows the cited line between the nearest lines that say something', () => {
    expect(evidenceBlocks(evidence, [14])).toEqual([
      [
        { number: 11, text: 'npm error code ERESOLVE', cited: false },
        { number: 14, text: 'npm error ERESOLVE could not resolve', cited: true },
        { number: 16, text: 'npm error While resolving: components@4.8.2', cited: false },
      ],
    ]);
  });

  it('shows every cited line, what is cited first at the top, what stands together in one block', () => {
    expect(numbers([41, 11, 14])).toEqual([
      [40, 41, 42],
      [10, 11, 14, 16],
    ]);
  });

  it('takes no line of another place for a neighbour', () => {
    expect(numbers([17])).toEqual([[16, 17]]);
    expect(numbers([40])).toEqual([[40, 41]]);
  });

  it('shows a cited line even where it is a bare prefix', () => {
    expect(numbers([12])).toEqual([[11, 12, 14]]);
  });

  it('ends a line that was cut with an ellipsis, and no other', () => {
    const texts = evidenceBlocks([{ startLine: 1, text: `${'a'.repeat(151)}\n${'b'.repeat(150)}` }], [1]);
    expect(texts[0]!.map(({ text }) => text)).toEqual([`${'a'.repeat(149)}…`, 'b'.repeat(150)]);
  });

  it('shows nothing without a citation', () => {
    expect(evidenceBlocks(evidence, [])).toEqual([]);
  });
});
