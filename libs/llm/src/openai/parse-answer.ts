import { jsonrepair } from 'jsonrepair';
import type { AnswerRepair } from '@app/domain';

/** Models wrap their reasoning in one of these; some chat templates leave the opening tag out. */
const REASONING = /<(think|thinking|reasoning|thought)>[\s\S]*?<\/\1>/gi;
const END_OF_REASONING = /<\/(?:think|thinking|reasoning|thought)>/gi;
/** The mark after which the models of OpenAI's open family say what is meant for the reader. */
const FINAL_CHANNEL = /<\|channel\|>final(?:\s*<\|constrain\|>\w+)?<\|message\|>/g;
const FENCED = /```(?:json5?|jsonc)?[ \t]*\r?\n([\s\S]*?)(?:\r?\n?```|$)/gi;

export interface ParsedAnswer {
  readonly value: unknown;
  readonly repair: AnswerRepair;
}

/**
 * The JSON object in a model's answer: the last one that can be read of the whole answer, its fenced blocks, and what
 * stands between braces; one with trailing commas, wrong quotes or a missing end is mended (`repair` says so).
 * Reasoning before it is dropped. Nothing is filled in: what the answer lacks, it lacks.
 * @throws SyntaxError when there is none
 */
export function parseAnswer(text: string): ParsedAnswer {
  const answer = withoutReasoning(text);
  const fenced = [...answer.matchAll(FENCED)].map((match) => match[1]!).toReversed();
  for (const candidate of [answer, ...fenced, ...objectsIn(answer)]) {
    const value = readObject(candidate, JSON.parse);
    if (value !== undefined) return { value, repair: 'none' };
  }
  for (const candidate of [...fenced, answer]) {
    const start = candidate.indexOf('{');
    if (start < 0) continue;
    const rest = candidate.slice(start).trimEnd();
    const end = rest.lastIndexOf('}');
    const isWhole = isClosed(end < 0 ? rest : rest.slice(0, end + 1));
    const value = readObject(isWhole ? rest.slice(0, end + 1) : rest, (json) => JSON.parse(jsonrepair(json)));
    if (value !== undefined) return { value, repair: isWhole ? 'syntax' : 'cut_off' };
  }
  throw new SyntaxError('it holds no JSON object');
}

function withoutReasoning(text: string): string {
  const spoken = text.split(FINAL_CHANNEL).at(-1)!.replace(REASONING, '');
  return spoken.split(END_OF_REASONING).at(-1)!.trim();
}

function readObject(text: string, read: (json: string) => unknown): object | undefined {
  try {
    const value = read(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined; // another candidate may be the object
  }
}

/** The stretches of the text from an outermost brace to the one that closes it, the last first. */
function objectsIn(text: string): string[] {
  const found: string[] = [];
  let start = -1;
  walk(text, (at, depth) => {
    if (depth === 1 && start < 0) start = at;
    if (depth === 0 && start >= 0) {
      found.push(text.slice(start, at + 1));
      start = -1;
    }
  });
  return found.toReversed();
}

function isClosed(text: string): boolean {
  let open = 0;
  walk(text, (_, depth) => (open = depth));
  return open === 0;
}

/** Calls back at every brace outside of strings with how many are open behind it. */
function walk(text: string, onBrace: (at: number, depth: number) => void): void {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"' && depth > 0) inString = true;
    else if (char === '{') onBrace(at, (depth += 1));
    else if (char === '}' && depth > 0) onBrace(at, (depth -= 1));
  }
}
