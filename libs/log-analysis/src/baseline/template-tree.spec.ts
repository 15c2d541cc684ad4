import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ORDINARY, TELLING } from './baseline.js';
import { templateTokens } from './template-tokens.js';
import { TemplateTree } from './template-tree.js';

const word = fc.constantFrom(
  'ok',
  'failed',
  'pod-1',
  'pod-2',
  '#',
  '12',
  '<*>',
  'a/b',
  'test_3',
  'ü"\\',
  'x',
);
const lines = fc.array(
  fc.array(word, { maxLength: 6 }).map((words) => words.join(' ')),
  { maxLength: 40 },
);

describe('TemplateTree', () => {
  it.each([
    ['ordinary', ORDINARY],
    ['telling', TELLING],
  ])('knows every line it was given, through JSON too (%s lines)', (_, limits) => {
    fc.assert(
      fc.property(lines, (given) => {
        const tree = new TemplateTree(limits);
        const tokens = given.map(templateTokens).filter((words) => words.length > 0);
        for (const words of tokens) tree.add(words);
        const copy = TemplateTree.fromStrings(JSON.parse(JSON.stringify(tree.toStrings())), limits);
        for (const words of tokens) {
          expect(tree.matches(words)).toBe(true);
          expect(copy.matches(words)).toBe(true);
        }
      }),
    );
  });

  it('never grows over its bytes', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 10, max: 300 }), (given, maxBytes) => {
        const tree = new TemplateTree({ ...ORDINARY, maxBytes });
        for (const line of given) tree.add(templateTokens(line));
        expect(Buffer.byteLength(JSON.stringify(tree.toStrings()))).toBeLessThanOrEqual(maxBytes + 2);
      }),
    );
  });

  it('makes a wildcard of the place where like lines differ', () => {
    const tree = new TemplateTree(ORDINARY);
    tree.add(templateTokens('Fetching package alpha from the mirror'));
    tree.add(templateTokens('Fetching package beta from the mirror'));
    expect(tree.toStrings()).toEqual(['Fetching package <*> from the mirror']);
    expect(tree.matches(templateTokens('Fetching package gamma from the mirror'))).toBe(true);
    expect(tree.matches(templateTokens('Fetching package gamma from the cache'))).toBe(false);
  });
});

describe('templateTokens', () => {
  it.each([
    ['took 950ms', 'took 1.2 s'],
    ['layer 3f2a9c81d0: pushed 12 MB', 'layer 9bb01c77ae: pushed 7.5 MB'],
    ['10:00:01 ready on port 3000', '23:59:59 ready on port 41234'],
    ['at 0x7ffd12 (42%)', 'at 0x55aa90 (7 %)'],
  ])('says the same of %s and %s', (a, b) => {
    expect(templateTokens(a)).toEqual(templateTokens(b));
  });

  it.each([
    ['FAILED test_12', 'FAILED test_13'],
    ['FAILED test_sum[3]', 'FAILED test_sum[4]'],
    ['build of x86 done', 'build of x64 done'],
    ['error TS2322', 'error TS2345'],
  ])('tells %s from %s', (a, b) => {
    expect(templateTokens(a)).not.toEqual(templateTokens(b));
  });
});
