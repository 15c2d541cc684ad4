import { visibleText } from '../prompts/fence.js';

const MAX_TEXT_CHARS = 2_000;
const MAX_ITEMS = 20;

/** The text as it is shown: nothing hidden in it, and no longer than people read. */
export function clip(text: string, maxChars = MAX_TEXT_CHARS): string {
  const shown = visibleText(text);
  return shown.length > maxChars ? `${shown.slice(0, maxChars)}…` : shown;
}

/** The items that say anything, clipped. */
export function list(items: readonly string[]): string[] {
  return atMost(items.map((item) => clip(item.trim())).filter((item) => item !== ''));
}

export function atMost<T>(items: readonly T[]): T[] {
  return items.slice(0, MAX_ITEMS);
}
