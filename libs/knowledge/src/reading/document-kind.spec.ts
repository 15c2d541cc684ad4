import { describe, expect, it } from 'vitest';
import { kindOf } from './document-kind.js';

const kind = (contentType: string | null, filename: string | null, content = 'text') =>
  kindOf({ contentType, filename, bytes: Buffer.from(content) }).kind;

describe('kindOf', () => {
  it.each([
    ['text/markdown; charset=utf-8', null, 'markdown'],
    ['text/plain', 'notes.txt', 'text'],
    ['text/plain', 'README.md', 'markdown'],
    ['TEXT/HTML;charset=x', null, 'html'],
    ['application/xhtml+xml', null, 'html'],
    [null, 'Runbook.MD', 'markdown'],
    ['application/octet-stream', 'page.htm', 'html'],
    ['', 'a.b.txt', 'text'],
  ])('takes %s named %s for %s', (type, name, expected) => {
    expect(kind(type, name)).toBe(expected);
  });

  it('believes a PDF only when it begins like one', () => {
    expect(kind('application/pdf', 'a.pdf', '%PDF-1.7 …')).toBe('pdf');
    expect(kind(null, 'a.pdf', '\n%PDF-1.7 …')).toBe('pdf');
    expect(() => kind('application/pdf', 'a.pdf', '<html>')).toThrow(/calls itself PDF/);
  });

  it.each([
    ['image/png', 'a.png'],
    ['application/zip', 'runbook.md'],
    [null, 'a.exe'],
    [null, null],
    ['application/octet-stream', 'noextension'],
  ])('refuses %s named %s', (type, name) => {
    expect(() => kind(type, name)).toThrow(/Markdown, plain text, HTML and PDF can/);
  });

  it('hands on the charset that the sender named', () => {
    const described = {
      contentType: 'text/html; Charset="ISO-8859-1"',
      filename: null,
      bytes: Buffer.from('x'),
    };
    expect(kindOf(described)).toEqual({ kind: 'html', contentType: 'text/html', charset: 'iso-8859-1' });
  });
});
