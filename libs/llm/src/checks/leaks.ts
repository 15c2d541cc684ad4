import { redactText } from '@app/log-analysis';
import { UNTRUSTED_TEXT_RULES } from '../prompts/prompt.js';

/** Shorter pieces of a prompt are ordinary sentences, which an answer may hold too. */
const MIN_PIECE_CHARS = 45;

/**
 * Whether any text of the answer repeats what the model was told in confidence: the fence's boundary, or a piece of
 * the instructions.
 */
export function repeatsInstructions(answer: unknown, system: string, boundary: string): boolean {
  const said = folded(textsIn(answer).join('\n'));
  const pieces = `${system}\n${UNTRUSTED_TEXT_RULES}`
    .split(/[\n.:;]/)
    .map(folded)
    .filter((piece) => piece.length >= MIN_PIECE_CHARS);
  return said.includes(boundary) || pieces.some((piece) => said.includes(piece));
}

/** The answer with every secret in its texts masked, in the same shape. */
export function withoutSecrets<T>(answer: T): T {
  if (typeof answer === 'string') return redactText(answer).text as T;
  if (Array.isArray(answer)) return answer.map((item: unknown) => withoutSecrets(item)) as T;
  if (typeof answer !== 'object' || answer === null) return answer;
  return Object.fromEntries(
    Object.entries(answer).map(([name, value]: [string, unknown]) => [name, withoutSecrets(value)]),
  ) as T;
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

function folded(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
