import type { Passage } from '@app/domain';
import type { Section } from '../reading/read-text.js';

/** Characters of a passage at most: about 400 tokens, which every embedder takes whole. */
const MAX_CHARS = 1_500;
/** Where a long text is parted, the best place first. */
const JOINTS = [/\n{2,}/g, /\n/g, /(?<=[.!?])\s+/g, /\s+/g];
/** A part that ends before this share of the room is not worth its place. */
const LEAST_SHARE = 0.3;

/** Sections as passages: each under its headings, and long ones parted at paragraphs, lines, sentences or words. */
export function splitPassages(sections: readonly Section[], maxChars = MAX_CHARS): readonly Passage[] {
  return sections
    .flatMap(({ headings, text }) => parts(text, maxChars).map((part) => ({ headings, text: part })))
    .map((passage, position) => ({ position, ...passage }));
}

function parts(text: string, maxChars: number): string[] {
  const found: string[] = [];
  let rest = text.trim();
  while (rest.length > maxChars) {
    const end = endOfPart(rest, maxChars);
    found.push(rest.slice(0, end).trim());
    rest = rest.slice(end).trim();
  }
  return rest === '' ? found : [...found, rest];
}

function endOfPart(text: string, maxChars: number): number {
  const room = text.slice(0, maxChars);
  for (const joint of JOINTS) {
    const last = [...room.matchAll(joint)].at(-1);
    if (last && last.index >= maxChars * LEAST_SHARE) return last.index;
  }
  // One endless word: never between the halves of a character.
  const isSplitPair = /[\ud800-\udbff]$/.test(room);
  return isSplitPair ? maxChars - 1 : maxChars;
}
