import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvLine } from './csv.js';

/** As a spreadsheet reads a line. */
function read(line: string): string[] {
  const cells: string[] = [];
  for (let rest = line, end = ','; end === ',';) {
    const quoted = /^"((?:[^"]|"")*)"(,|\r\n)/s.exec(rest);
    const [all, text = '', next = ''] = quoted ?? /^([^",\r\n]*)(,|\r\n)/s.exec(rest)!;
    cells.push(quoted ? text.replaceAll('""', '"') : text);
    rest = rest.slice(all.length);
    end = next;
    if (end !== ',') expect(rest).toBe('');
  }
  return cells;
}

describe('csvLine', () => {
  it('is read back as it was, but for what would be a formula', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (cells) => {
        const back = read(csvLine(cells));
        expect(back.map((cell) => cell.replace(/^'(?=[=+\-@\t\r])/, ''))).toEqual(
          cells.map((cell) => cell.replace(/^'(?=[=+\-@\t\r])/, '')),
        );
        for (const cell of back) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
      }),
    );
  });

  it.each([
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
    ['+1', `'+1`],
    ['-2+3', `'-2+3`],
    ['@SUM(A1)', `'@SUM(A1)`],
    ['\tx', `'\tx`],
    ['a,b', '"a,b"'],
  ])('writes %j as %s', (cell, written) => {
    expect(csvLine([cell])).toBe(`${written}\r\n`);
  });

  it('leaves numbers numbers, and nothing empty', () => {
    expect(csvLine([-1.5, null, 0])).toBe('-1.5,,0\r\n');
  });
});
