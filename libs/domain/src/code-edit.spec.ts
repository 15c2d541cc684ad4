import { describe, expect, it } from 'vitest';
import { matchesOnePlace } from './code-edit.js';

const files = [{ path: 'src/a.ts', role: 'changed', text: 'const a = 1;\nconst b = 1;\naaa\n' }] as const;
const edit = { path: 'src/a.ts', search: 'const a = 1;', replace: 'const a = 2;' };

describe('matchesOnePlace', () => {
  it('takes an edit of text that stands once in the file it names', () => {
    expect(matchesOnePlace(edit, files)).toBe(true);
    expect(matchesOnePlace({ ...edit, search: 'const a = 1;\nconst b' }, files)).toBe(true);
  });

  it.each([
    ['of a file nobody has shown', { path: 'src/b.ts' }],
    ['of a file spelled in another way', { path: './src/a.ts' }],
    ['of text that stands nowhere', { search: 'const c = 1;' }],
    ['of text that stands twice', { search: ' = 1;' }],
    ['of text that overlaps itself', { search: 'aa' }],
    ['of nothing', { search: ' ' }],
    ['that changes nothing', { replace: 'const a = 1;' }],
  ])('refuses an edit %s', (_, changed) => {
    expect(matchesOnePlace({ ...edit, ...changed }, files)).toBe(false);
  });
});
