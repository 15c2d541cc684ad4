import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { code, fenced, link, plain, titleLine } from './markdown.js';

describe('text of others in Markdown', () => {
  it('mentions nobody, refers to nothing and shows no picture', () => {
    const said = plain(
      '@acme/admins closes #1, GH-2 ![x](https://evil.example/p.png) <img src=x> www.evil.example',
    );
    expect(said).not.toMatch(/@\w|#\d|GH-\d|(?<!\\)[![<]|https:|www\./);
  });

  it('stays in its block, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('```', '````\n', '~~~', '<!-- devflowfix:x -->'),
        (text, trick) => {
          const lines = fenced(`${text}${trick}${text}`, 10_000).split('\n');
          const fence = lines.at(-1)!;
          expect(lines[0]).toBe(`${fence}text`);
          expect(lines.slice(1, -1).some((line) => line.includes(fence))).toBe(false);
        },
      ),
    );
  });

  it('stays between its backticks, on one line', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(code(text)).toMatch(/^`[^`\n]+`$/);
      }),
    );
  });

  it('is no link unless its address is one of the web', () => {
    expect(link('`unit`', 'javascript:alert(1)')).toBe('`unit`');
    expect(link('`unit`', 'https://github.com/a/b) [x](https://evil')).toBe('`unit`');
    expect(link('`unit`', 'https://github.com/a/b/runs/1')).toBe('[`unit`](https://github.com/a/b/runs/1)');
    expect(link('`unit`', null)).toBe('`unit`');
  });

  it('as a title is one line that neither closes issues nor keeps CI from running', () => {
    const title = titleLine('fix #1\n\nCo-authored-by: x <x@y> [skip ci] @octo', 100);
    expect(title).not.toMatch(/\n|#1|\[skip ci\]|@octo/);
  });
});
