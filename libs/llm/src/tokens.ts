/**
 * About this many characters of English, code and logs make a token; a little low on purpose, so that what is cut to
 * fit does fit. Tokenizers differ by model, and most are not public.
 */
const CHARS_PER_TOKEN = 3.2;

export function estimatedTokens(text: string): number {
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}

export function charsOf(tokens: number): number {
  return Math.floor(tokens * CHARS_PER_TOKEN);
}

/** No tokenizer makes more tokens than the text has bytes. */
export function mostTokens(text: string): number {
  return Buffer.byteLength(text);
}
