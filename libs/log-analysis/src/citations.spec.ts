import { describe, expect, it } from 'vitest';
import { anchorCitation } from './citations.js';

const EVIDENCE = [
  {
    id: 'E1',
    startLine: 40,
    endLine: 43,
    text: 'npm run build\nsrc/a.ts(1,2): error TS1005\n  expected   one\ngot two',
  },
  { id: 'E2', startLine: 7, endLine: 7, text: 'npm ci' },
];
const cite = (evidenceId: string, quote: string) => anchorCitation({ evidenceId, quote }, EVIDENCE);

describe('anchorCitation', () => {
  it.each([
    ['npm run build', 40],
    ['error TS1005', 41],
    ['expected one', 42],
    ['got two', 43],
    ['\u001b[31mgot\u001b[0m  two ', 43],
    ['error TS1005\n  expected', 41],
    ['expected one got two', 42],
  ])('finds %j on line %i', (quote, line) => {
    expect(cite('E1', quote)).toEqual({ evidenceId: 'E1', quote, line });
  });

  it('looks in the evidence that is named, nowhere else', () => {
    expect(cite('E2', 'npm ci')).toMatchObject({ line: 7 });
    expect(cite('E2', 'npm run build')).toBeNull();
    expect(cite('E9', 'npm ci')).toBeNull();
  });

  it.each(['', ' ', 'two', 'error TS1006', 'Expected one', 'got two three', 'one ... two', '[31m[0m'])(
    'refuses %j',
    (quote) => {
      expect(cite('E1', quote)).toBeNull();
    },
  );

  it('finds a quote below blank lines on the line where it starts', () => {
    const evidence = [{ id: 'E1', startLine: 1, endLine: 4, text: 'one\n\n\ntwo words\nthree' }];
    expect(anchorCitation({ evidenceId: 'E1', quote: 'one two' }, evidence)).toMatchObject({ line: 1 });
    expect(anchorCitation({ evidenceId: 'E1', quote: 'words three' }, evidence)).toMatchObject({ line: 4 });
  });
});
