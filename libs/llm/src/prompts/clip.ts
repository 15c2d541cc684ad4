import { redactText } from '@app/log-analysis';
import { charsOf } from '../tokens.js';
import type { Brief } from './brief.js';

/** A titled part of a prompt, and how much of the prompt's length is its own. */
export interface BriefPart {
  readonly title: string;
  readonly share: number;
  readonly items: readonly string[];
}

const CUT = '[cut here: there is more]';
/** The line of facts above the parts. */
const MAX_HEAD_CHARS = 4_000;

/**
 * The parts under their titles, each within its share and what the ones before it left over. What is cut is said in
 * the text. Secrets are masked before anything is cut: half a secret would not be recognised.
 */
export function clippedTo(head: string, parts: readonly BriefPart[], maxTokens: number): Brief {
  const maxChars = charsOf(maxTokens);
  const shownHead = redactText(head).text.slice(0, Math.min(MAX_HEAD_CHARS, maxChars));
  const forParts = Math.max(0, maxChars - shownHead.length);
  const sections = [shownHead];
  const cutParts: string[] = [];
  let left = 0;
  for (const { title, share, items } of parts) {
    left += Math.floor(forParts * share);
    const heading = `\n${title}:\n`;
    const text = redactText(items.join('\n')).text;
    const room = left - heading.length - CUT.length - 2;
    const isCut = text.length > room;
    const body = isCut ? `${text.slice(0, Math.max(0, room))}\n${CUT}` : text;
    if (isCut) cutParts.push(title);
    const section = `${heading}${body === '' ? '(none)' : body}`;
    left = Math.max(0, left - section.length);
    sections.push(section);
  }
  return { text: sections.join('\n'), cutParts };
}
