import { marked } from 'marked';
import { readHtml } from './html-reader.js';
import type { ReadLimits, ReadText } from './read-text.js';

/** Settings that some tools keep above a document. */
const FRONT_MATTER = /^---\r?\n[\s\S]{0,20000}?\r?\n---(?:\r?\n|$)/;

/** By way of the HTML it stands for, so that what a page loses (scripts above all) Markdown loses too. */
export function readMarkdown(markdown: string, limits: Pick<ReadLimits, 'maxChars'>): ReadText {
  return readHtml(marked.parse(markdown.replace(FRONT_MATTER, ''), { async: false, gfm: true }), limits);
}
