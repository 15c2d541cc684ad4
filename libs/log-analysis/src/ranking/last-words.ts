import type { RuleBody } from '../detectors/detector.js';
import type { Hit } from '../detectors/hit.js';
import { relayed } from '../reader/prefix.js';
import type { KeptLine } from '../scan/lines.js';

/** Findings from here on say something of the cause; those below are exit codes, wrappers and summaries. */
const TELLING_WEIGHT = 40;
/** Lines above a program's end among which its last words are looked for. */
const REACH = 10;

/** A program that no rule knows says on its way out what is wrong: better than its exit code. */
const LAST_WORDS: RuleBody = {
  id: 'log.last-words',
  pattern: /(?<message>\S.*)/,
  weight: 42,
  category: null,
  context: { before: 6, after: 2 },
};

/** What programs print when all is well, frames of stacks, rules drawn with characters, npm's and yarn's farewells. */
const IDLE =
  /^\s{0,80}(?:$|[^\p{L}\p{N}]{1,400}$|at \S|\d{1,3}%|(?:npm|yarn|pnpm|info|note|notice|debug|done|finished|took|ran|time|real|user|sys|total|see|for more|use|run|shell|env|with|hint|learn)\b|\[\w{1,20}\] (?:info|debug)\b|##\[(?:group|endgroup|command|debug|notice|section)\]|(?:error )?command failed|exit (?:code|status)|make(?:\[\d{1,3}\])?: )/iu;
/** Words of trouble: a line with one goes before a later line without. */
const TROUBLE =
  /\b(?:error|errors|fail(?:ed|ure|ures|s)?|invalid|missing|unknown|unexpected|undefined|denied|refused|unable|cannot|can't|couldn't|could not|not (?:found|allowed|valid|supported|exist|set|match)|does(?:n't| not)|must|should|expected|required|violations?|mismatch|outdated|disallowed|forbidden|exceed(?:s|ed)?|incompatible|conflicts?|abort(?:ed)?|reject(?:ed)?|broken|bad|wrong|illegal|timed? ?out)\b/i;

/** Whether a finding says something of the cause. */
export function isTelling(hit: Hit): boolean {
  return hit.weight >= TELLING_WEIGHT;
}

/**
 * The findings, in log order, and where none of them tells: the line that the program ended with.
 * @param step the step that failed the job; null when unknown
 */
export function withLastWords(
  hits: readonly Hit[],
  step: number | null,
  kept: ReadonlyMap<number, KeptLine>,
): readonly Hit[] {
  const words = lastWordsOf(hits, step, kept);
  return words === null ? hits : [...hits, words].toSorted((a, b) => a.no - b.no);
}

function lastWordsOf(
  hits: readonly Hit[],
  step: number | null,
  kept: ReadonlyMap<number, KeptLine>,
): Hit | null {
  const inStep = step === null ? hits : hits.filter((hit) => hit.step === step);
  if (inStep.some(isTelling)) return null;
  const ends = inStep.map((hit) => hit.no);
  if (ends.length === 0 && step === null) ends.push(Math.max(0, ...kept.keys()) + 1);
  const taken = new Set(ends);
  let quiet: KeptLine | null = null;
  // what ended first was no consequence of what ended after it
  for (const end of ends) {
    const within = step ?? kept.get(end - 1)?.step;
    quiet = null;
    for (let no = end - 1; no >= end - REACH; no -= 1) {
      const line = kept.get(no);
      if (!line || line.step !== within) break;
      const body = relayed(line.text).slice(0, 400);
      if (taken.has(no) || IDLE.test(body)) continue;
      if (TROUBLE.test(body)) return hitOf(line);
      quiet ??= line;
    }
  }
  return quiet === null ? null : hitOf(quiet);
}

function hitOf(line: KeptLine): Hit {
  const body = relayed(line.text);
  return {
    rule: LAST_WORDS,
    no: line.no,
    text: line.text,
    body,
    step: line.step,
    weight: LAST_WORDS.weight,
    fields: { message: body.trim() },
    annotated: false,
  };
}
