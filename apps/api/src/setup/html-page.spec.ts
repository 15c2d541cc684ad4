import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { html, htmlHeaders, htmlPage } from './html-page.js';

describe('a page', () => {
  it('escapes what it shows, wherever it stands', () => {
    const hostile = `"><script>alert('1')</script>&`;
    const page = htmlPage(hostile, html`<a href="${hostile}">${[hostile, html`<b>${hostile}</b>`]}</a>`);
    expect(page).not.toContain('<script>');
    expect(page).toContain('<b>&#34;&#62;&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#38;</b>');
  });

  it('allows its own style and nothing else', () => {
    const policy = htmlHeaders(['https://github.com'])['content-security-policy']!;
    const style = /<style>(.*)<\/style>/s.exec(htmlPage('t', html`b`))![1]!;
    expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self' https://github.com;");
    expect(policy).not.toContain('unsafe');
  });
});
