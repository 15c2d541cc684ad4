import { describe, expect, it } from 'vitest';
import { emptyPdf, manyPages, pdfOf } from '../../../../test/support/pdf-files.js';
import { readDocument } from './read-document.js';
import { CannotRead, type DocumentKind } from './read-text.js';

const LIMITS = { maxPages: 10, maxChars: 100_000 };
const read = (
  kind: DocumentKind,
  content: string | Uint8Array,
  charset: string | null = null,
  limits = LIMITS,
) => readDocument({ kind, bytes: Buffer.from(content), charset, limits });
const textOf = async (html: string) =>
  (await read('html', html)).sections.map(({ text }) => text).join('\n\n');

describe('a Markdown document', () => {
  it('is parted by its headings', async () => {
    const markdown = `---
title: of another tool
---
# Runners

When one of them fails.

## Disk full

1. Run \`docker system prune\`.
2. Restart the *runner*.

\`\`\`sh
df -h
  df -i
\`\`\`

### Later

Buy larger volumes.

## Network

| host | port |
| --- | --- |
| cache | 6379 |
`;
    expect(await read('markdown', markdown)).toEqual({
      title: 'Runners',
      sections: [
        { headings: ['Runners'], text: 'When one of them fails.' },
        {
          headings: ['Runners', 'Disk full'],
          text: '- Run docker system prune.\n- Restart the runner.\n\ndf -h\n  df -i',
        },
        { headings: ['Runners', 'Disk full', 'Later'], text: 'Buy larger volumes.' },
        { headings: ['Runners', 'Network'], text: 'host | port |\ncache | 6379 |' },
      ],
    });
  });

  it('loses the scripts that HTML in it would bring', async () => {
    const { sections } = await read(
      'markdown',
      'before <script>steal()</script> <b onclick="steal()">bold</b> after',
    );
    expect(sections).toEqual([{ headings: [], text: 'before bold after' }]);
  });
});

describe('an HTML page', () => {
  it.each([
    ['a script', '<script>steal()</script>'],
    ['a script in capitals', '<SCRIPT type=module>steal()</SCRIPT>'],
    ['a script that never ends', '<p>fine</p><script>steal()'],
    ['a script that writes of its own end', '<script>a = "</scr" + "ipt>"; steal()</script>'],
    ['a style', '<style>steal()</style>'],
    ['a template', '<template><p>steal()</p></template>'],
    ['an attribute', '<img src=x onerror="steal()"><a href="javascript:steal()">link</a>'],
    ['a frame', '<iframe srcdoc="<script>steal()</script>">steal()</iframe>'],
    ['a drawing', '<svg><script>steal()</script><text>steal()</text></svg>'],
    ['a comment', '<!-- steal() --><!--[if IE]>steal()<![endif]-->'],
    [
      'an element that is not shown',
      '<div hidden>steal()</div><p style="color:red; display : none">steal()</p>',
    ],
    ['a heading with one', '<h1>Title<script>steal()</script></h1>'],
  ])('loses %s', async (_, html) => {
    const page = await read('html', `<title>Page</title><p>before</p>${html}`);
    expect(JSON.stringify(page)).toContain('before');
    expect(JSON.stringify(page)).not.toContain('steal');
  });

  it('keeps what readers see, as text', async () => {
    expect(await textOf('<p>if a &lt; b &amp;&amp; c</p><div>x<br>y</div><pre>a\n  b</pre>')).toBe(
      'if a < b && c\n\nx\ny\n\na\n  b',
    );
    expect(await textOf('<nav>Home</nav><main>Body <b>bold</b>, <i>it</i>.</main><footer>©</footer>')).toBe(
      'Body bold, it.',
    );
  });

  it('nests as deep as it likes', async () => {
    expect(await textOf(`${'<div>'.repeat(50_000)}deep`)).toBe('deep');
  });

  it('is named by its title, or its first heading', async () => {
    expect((await read('html', '<title> The\n page </title><h1>Heading</h1>x')).title).toBe('The page');
    expect((await read('html', '<h2>Second</h2><h1>Heading</h1>x')).title).toBe('Heading');
    expect((await read('html', 'x')).title).toBeNull();
  });

  it('is decoded as its sender, or it itself, says', async () => {
    const latin = Buffer.from('<meta charset="iso-8859-1"><p>Müller</p>', 'latin1');
    expect((await read('html', latin)).sections[0]!.text).toBe('Müller');
    const named = await read('html', Buffer.from('<p>Müller</p>', 'latin1'), 'windows-1252');
    expect(named.sections[0]!.text).toBe('Müller');
  });
});

describe('a text', () => {
  it('is one section', async () => {
    expect(await read('text', ' a\nb \n')).toEqual({
      title: null,
      sections: [{ headings: [], text: 'a\nb' }],
    });
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('hello', 'utf16le')]);
    expect((await read('text', utf16)).sections[0]!.text).toBe('hello');
  });

  it.each([
    ['bytes that are no text', Uint8Array.from([0xc3, 0x28, 0xff, 0xff]), /encoding utf-8/],
    ['zeros', Buffer.from('a\0b'), /binary/],
    ['more than may be read', 'x'.repeat(LIMITS.maxChars + 1), /more than 100000 characters/],
  ])('is refused for %s', async (_, content, reason) => {
    await expect(read('text', content)).rejects.toThrow(reason);
    await expect(read('text', content)).rejects.toBeInstanceOf(CannotRead);
  });

  it('is refused in an encoding nobody knows', async () => {
    await expect(read('text', 'x', 'klingon')).rejects.toThrow(/encoding klingon/);
  });
});

describe('a PDF', () => {
  it('is parted where its letters are larger', async () => {
    const pdf = pdfOf('Disk full', 'Prune the images on the runner.', 'Then restart it.');
    expect(await read('pdf', pdf)).toEqual({
      title: 'Disk full',
      sections: [{ headings: ['Disk full'], text: 'Prune the images on the runner.\nThen restart it.' }],
    });
  });

  it('without text has no sections', async () => {
    expect((await read('pdf', emptyPdf())).sections).toEqual([]);
  });

  it('is refused for more pages than are read, before any is read', async () => {
    await expect(read('pdf', manyPages(11))).rejects.toThrow('it has 11 pages, and at most 10 are read');
    expect((await read('pdf', manyPages(10))).sections).toHaveLength(1);
  });

  it.each([
    ['cut off', pdfOf('a', 'b').subarray(0, 200)],
    ['nothing but its mark', Buffer.from('%PDF-1.7')],
  ])('that is %s is refused', async (_, pdf) => {
    await expect(read('pdf', pdf)).rejects.toBeInstanceOf(CannotRead);
  });
});
