import { parse, type DefaultTreeAdapterTypes } from 'parse5';
import type { ReadLimits, ReadText } from './read-text.js';
import { SectionWriter } from './section-writer.js';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

/** What holds no text for readers: programs, styles, pictures, controls, and the frame around a page. */
const SKIPPED = new Set(
  `script style noscript template iframe object embed svg math canvas audio video picture map head nav footer button
   input select textarea datalist dialog`.split(/\s+/),
);
const BLOCKS = new Set(
  `address article aside blockquote dd details div dl dt fieldset figcaption figure form header hr main ol p pre section
   summary table ul`.split(/\s+/),
);
const LINES = new Set(['br', 'li', 'tr']);
const HEADING = /^h([1-6])$/;
/** Text that only programs see, which a page may hide from its readers but not from a model. */
const HIDING = /display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])/i;

/** The text of a page under its headings, parsed as a browser would. Nothing of it is ever run or fetched. */
export function readHtml(html: string, { maxChars }: Pick<ReadLimits, 'maxChars'>): ReadText {
  const document = parse(html);
  const writer = new SectionWriter(maxChars);
  let isPre = 0;
  // Not recursive: a page can nest deeper than a stack reaches.
  const stack: (Node | (() => void))[] = [document];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (typeof next === 'function') next();
    else if (isText(next)) {
      if (isPre > 0) writer.raw(next.value);
      else writer.words(next.value);
    } else if ('childNodes' in next) {
      const heading = 'tagName' in next ? HEADING.exec(next.tagName) : null;
      if ('tagName' in next && isHidden(next)) continue;
      if (heading) {
        writer.heading(Number(heading[1]), textOf(next));
        continue;
      }
      const name = 'tagName' in next ? next.tagName : '';
      if (name === 'pre') {
        isPre += 1;
        stack.push(() => (isPre -= 1));
      }
      const end = beginElement(name, writer);
      if (end) stack.push(end);
      for (let at = next.childNodes.length - 1; at >= 0; at -= 1) stack.push(next.childNodes[at]!);
    }
  }
  const sections = writer.finish();
  return { title: titleOf(document), sections };
}

/** Writes what stands before an element's content; answers what writes the end. */
function beginElement(name: string, writer: SectionWriter): (() => void) | null {
  if (BLOCKS.has(name)) {
    writer.paragraph();
    return () => writer.paragraph();
  }
  if (LINES.has(name)) {
    writer.lineBreak();
    if (name === 'li') writer.raw('- ');
    return name === 'br' ? null : () => writer.lineBreak();
  }
  if (name === 'td' || name === 'th') return () => writer.raw(' | ');
  return null;
}

function isText(node: Node): node is DefaultTreeAdapterTypes.TextNode {
  return node.nodeName === '#text';
}

function isHidden({ tagName, attrs }: Element): boolean {
  return (
    SKIPPED.has(tagName) ||
    attrs.some(
      ({ name, value }) =>
        name === 'hidden' ||
        (name === 'aria-hidden' && value === 'true') ||
        (name === 'style' && HIDING.test(value)),
    )
  );
}

/** All text below a node, but for what is skipped. */
function textOf(root: Node): string {
  let text = '';
  const stack: Node[] = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (isText(node)) text += node.value;
    else if ('childNodes' in node && !('tagName' in node && isHidden(node))) {
      for (let at = node.childNodes.length - 1; at >= 0; at -= 1) stack.push(node.childNodes[at]!);
    }
  }
  return text;
}

/** The page's title, or its first heading of the first level. */
function titleOf(document: DefaultTreeAdapterTypes.Document): string | null {
  let firstHeading: string | null = null;
  const stack: Node[] = [document];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (!('childNodes' in node)) continue;
    if ('tagName' in node && (node.tagName === 'title' || node.tagName === 'h1')) {
      const text = textOf(node).replaceAll(/\s+/g, ' ').trim();
      if (text !== '' && node.tagName === 'title') return text;
      if (text !== '') firstHeading ??= text;
    }
    for (let at = node.childNodes.length - 1; at >= 0; at -= 1) stack.push(node.childNodes[at]!);
  }
  return firstHeading;
}
