import { describe, expect, it } from 'vitest';
import type { CodeEdit, RootCauseAnalysis, Solution } from '@app/domain';
import { failureContext } from '../../../test/support/failure-context.js';
import { checkedRootCause, checkedSolution } from './checked-answer.js';

const rootCause: RootCauseAnalysis = {
  primaryCause: 'A string is assigned to a number.',
  contributingFactors: [],
  affectedComponents: [],
  citations: [],
  confidence: 0.9,
  prevention: [],
};
const solution: Solution = {
  summary: 'Convert it.',
  steps: [],
  commands: [],
  edits: [],
  risk: 'low',
  prevention: [],
  estimatedMinutes: null,
};
const source = 'const total: number = basket.total();';
const context = failureContext({
  evidence: [
    { id: 'E1', startLine: 1, endLine: 2, text: `src/basket.ts(10,7): error TS2322\n10 ${source}` },
    { id: 'E2', startLine: 9, endLine: 9, text: 'Found 1 error.' },
  ],
});

const edit: CodeEdit = { path: 'src/basket.ts', search: source, replace: 'const total = 0;' };
const editsOf = (edits: CodeEdit[]) => checkedSolution({ ...solution, edits }, context).edits;

describe('checkedRootCause', () => {
  it('keeps citations that stand in the evidence they name, each once', () => {
    const standing = { evidenceId: 'E1', quote: 'src/basket.ts(10,7): error TS2322' };
    const checked = checkedRootCause({ ...rootCause, citations: [standing, standing] }, context);
    expect(checked.citations).toEqual([standing]);
  });

  it.each([
    ['words nobody printed', { evidenceId: 'E1', quote: 'error TS9999' }],
    ['words of another piece of evidence', { evidenceId: 'E2', quote: 'error TS2322' }],
    ['evidence that does not exist', { evidenceId: 'E7', quote: 'error TS2322' }],
    ['next to nothing', { evidenceId: 'E1', quote: 'e' }],
    ['nothing', { evidenceId: 'E1', quote: '' }],
  ])('drops a citation of %s', (_, citation) => {
    expect(checkedRootCause({ ...rootCause, citations: [citation] }, context).citations).toEqual([]);
  });

  it('bounds texts and lists, and leaves out empty items', () => {
    const checked = checkedRootCause(
      {
        ...rootCause,
        primaryCause: 'x'.repeat(10_000),
        prevention: [' ', 'lint', ...Array.from({ length: 99 }, () => 'y')],
      },
      context,
    );
    expect(checked.primaryCause).toHaveLength(2_001);
    expect(checked.prevention).toHaveLength(20);
    expect(checked.prevention[0]).toBe('lint');
  });
});

describe('checkedSolution', () => {
  it('keeps an edit of text that was shown, in a file that was named', () => {
    expect(editsOf([edit])).toEqual([edit]);
  });

  it.each([
    ['of text that was not shown', { search: 'const invented = true;' }],
    ['of too little to be unique', { search: 'const' }],
    ['of a file nobody named', { path: 'src/invented.ts' }],
    ['outside the repository', { path: '../src/basket.ts' }],
    ['at an absolute path', { path: '/src/basket.ts' }],
    ['on a drive', { path: 'C:\\src\\basket.ts' }],
    ['without a path', { path: '' }],
  ])('drops an edit %s', (_, changed) => {
    expect(editsOf([{ ...edit, ...changed }])).toEqual([]);
  });
});
