import { getDocumentProxy } from 'unpdf';
import { CannotRead, type ReadLimits, type ReadText } from './read-text.js';
import { SectionWriter } from './section-writer.js';

interface Line {
  readonly text: string;
  /** Of its tallest letters, in the page's units. */
  readonly height: number;
}

/** A short line this much taller than the text is a heading: PDF knows no other. */
const HEADING_RATIO = 1.2;
const MAX_HEADING_CHARS = 120;

/** The text of a PDF, page by page. Runs in a thread that can be ended: a file can ask for any time and memory. */
export async function readPdf(bytes: Uint8Array, limits: ReadLimits): Promise<ReadText> {
  const document = await open(bytes);
  if (document.numPages > limits.maxPages)
    throw new CannotRead(`it has ${document.numPages} pages, and at most ${limits.maxPages} are read`);
  const pages: Line[][] = [];
  let chars = 0;
  for (let number = 1; number <= document.numPages; number += 1) {
    const page = await document.getPage(number);
    const lines = linesOf((await page.getTextContent()).items);
    page.cleanup();
    chars += lines.reduce((sum, { text }) => sum + text.length, 0);
    if (chars > limits.maxChars)
      throw new CannotRead(`it holds more than ${limits.maxChars} characters of text`);
    pages.push(lines);
  }
  const bodyHeight = commonHeight(pages.flat());
  const writer = new SectionWriter(limits.maxChars);
  let title: string | null = null;
  for (const lines of pages) {
    for (const { text, height } of lines) {
      const isHeading = height >= bodyHeight * HEADING_RATIO && text.length <= MAX_HEADING_CHARS;
      if (isHeading) {
        title ??= text;
        writer.heading(1, text);
      } else {
        writer.words(text);
        writer.lineBreak();
      }
    }
    writer.paragraph();
  }
  return { title, sections: writer.finish() };
}

async function open(bytes: Uint8Array) {
  try {
    return await getDocumentProxy(Uint8Array.from(bytes), {
      useSystemFonts: false,
      disableFontFace: true,
      stopAtErrors: true,
      verbosity: 0,
    });
  } catch (error) {
    const { name, message } = error as Error;
    throw new CannotRead(
      name === 'PasswordException' ? 'it is protected by a password' : `it is broken: ${message}`,
    );
  }
}

/** Pieces of text as the page's lines. */
function linesOf(items: readonly object[]): Line[] {
  const lines: Line[] = [];
  let text = '';
  let height = 0;
  for (const item of items as readonly { str?: string; height?: number; hasEOL?: boolean }[]) {
    text += item.str ?? '';
    if ((item.str ?? '').trim() !== '') height = Math.max(height, item.height ?? 0);
    if (item.hasEOL === true) {
      if (text.trim() !== '') lines.push({ text: text.trim(), height });
      text = '';
      height = 0;
    }
  }
  if (text.trim() !== '') lines.push({ text: text.trim(), height });
  return lines;
}

/** The height that most letters have. */
function commonHeight(lines: readonly Line[]): number {
  const letters = new Map<number, number>();
  for (const { text, height } of lines) {
    const rounded = Math.round(height * 10) / 10;
    letters.set(rounded, (letters.get(rounded) ?? 0) + text.length);
  }
  return [...letters].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}
