import { describe, expect, it } from 'vitest';
import { parseManifest } from './manifest.js';

const ROW = {
  file: 'a.log',
  format: 'plain',
  category: 'quality',
  error_lines: ['src/a.ts:1:1: wrong'],
  group: 'one',
  notes: 'ignored',
};
const line = (changes: Record<string, unknown>) => JSON.stringify({ ...ROW, ...changes });

describe('parseManifest', () => {
  it('reads one row a line and skips blank lines', () => {
    const text = `${line({})}\n\n${line({ file: 'b.log', category: 'none', error_lines: [], group: null, lines: 7 })}\n`;
    expect(parseManifest(text)).toEqual([
      {
        file: 'a.log',
        format: 'plain',
        category: 'quality',
        errorLines: ['src/a.ts:1:1: wrong'],
        group: 'one',
        lines: null,
      },
      { file: 'b.log', format: 'plain', category: 'none', errorLines: [], group: null, lines: 7 },
    ]);
  });

  it.each([
    ['no JSON', `${line({})}\n{nope`, /line 2 .*no JSON/],
    ['a missing field', line({ category: undefined }), /line 1 .*category/],
    ['a category it does not know', line({ category: 'unknown' }), /category/],
    ['a failed log without a labelled line', line({ error_lines: [] }), /error_lines.*at least one/],
    ['a file outside of logs/', line({ file: '../../etc/passwd' }), /file.*without folders/],
    ['a file listed twice', `${line({})}\n${line({})}`, /line 2 .*a\.log is listed twice/],
    ['nothing at all', '\n\n', /empty/],
  ])('refuses %s, naming the line and the field', (_, text, message) => {
    expect(() => parseManifest(text)).toThrow(message);
  });
});
