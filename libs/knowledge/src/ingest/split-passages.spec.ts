import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitPassages } from './split-passages.js';

const split = (text: string, maxChars: number) =>
  splitPassages([{ headings: ['H'], text }], maxChars).map((passage) => passage.text);

describe('splitPassages', () => {
  it('keeps a section that fits, and counts through all of them', () => {
    const passages = splitPassages([
      { headings: ['A'], text: 'one' },
      { headings: ['A', 'B'], text: 'two' },
    ]);
    expect(passages).toEqual([
      { position: 0, headings: ['A'], text: 'one' },
      { position: 1, headings: ['A', 'B'], text: 'two' },
    ]);
  });

  it('parts at paragraphs before lines, lines before sentences, sentences before words', () => {
    expect(split('aa bb\ncc dd\n\nee ff\ngg hh', 20)).toEqual(['aa bb\ncc dd', 'ee ff\ngg hh']);
    expect(split('aa bb cc\ndd ee ff', 12)).toEqual(['aa bb cc', 'dd ee ff']);
    expect(split('Aa bb. Cc dd ee.', 12)).toEqual(['Aa bb.', 'Cc dd ee.']);
    expect(split('aaaa bbbb cccc', 10)).toEqual(['aaaa bbbb', 'cccc']);
  });

  it('loses no letter, keeps to the size, and cuts no character in two', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', '\n\n', '. ', '🔥', 'é'), maxLength: 400 }),
        fc.integer({ min: 2, max: 60 }),
        (text, maxChars) => {
          const parts = split(text, maxChars);
          expect(parts.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
          for (const part of parts) {
            expect(part.length).toBeLessThanOrEqual(maxChars);
            expect(part.isWellFormed()).toBe(true);
            expect(part.trim()).toBe(part);
            expect(part).not.toBe('');
          }
        },
      ),
    );
  });
});
