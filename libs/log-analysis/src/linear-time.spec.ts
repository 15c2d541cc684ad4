import { describe, expect, it } from 'vitest';
import { DETECTORS } from './detectors/index.js';
import { stripControls } from './reader/ansi.js';
import { detectFormat } from './reader/format.js';
import { MAX_LINE_BYTES, MAX_RULE_CHARS, PIECE_BYTES } from './reader/limits.js';
import { relayed, splitPrefix } from './reader/prefix.js';
import { redactText } from './redaction/text-redactor.js';
import { PRIVATE_KEY_BEGIN, PRIVATE_KEY_END, REDACTION_RULES } from './redaction/rules.js';
import { maskVariableParts } from './signature/mask.js';
import { StepTracker, STEP_LITERALS } from './steps/step-tracker.js';

/**
 * For one look at the longest line a rule meets. Most linear expressions take well under a millisecond; one whose
 * context is bounded (`.{0,200}` before a word) looks at every character that often, which is linear still.
 */
const MAX_MATCH_MS = 12;

/** What backtracking gets lost in: runs of one kind, and of two kinds that take turns. */
const FILLERS = [' ', '0', 'a', 'A', ':', '/', '[', '"', '.', '-', 'a.', 'a/', '1:', 'a ', 'Aa1', 'a:1: '];

function* adversarial(literals: readonly string[], length: number): Iterable<string> {
  for (const literal of literals) {
    yield literal.repeat(Math.ceil(length / literal.length)).slice(0, length);
    yield `${literal} `.repeat(Math.ceil(length / (literal.length + 1))).slice(0, length);
    for (const filler of FILLERS) {
      const rest = filler.repeat(Math.ceil(length / filler.length));
      yield (literal + rest).slice(0, length);
      yield rest.slice(0, Math.max(0, length - literal.length)) + literal;
    }
  }
}

/** The best of three, in the processor's time: other work of the machine is not the expression's fault. */
function shortestMs(run: () => unknown, enoughMs: number): number {
  let best = Infinity;
  for (let attempt = 0; attempt < 3 && best > enoughMs; attempt += 1) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    run();
    const { user, system } = process.cpuUsage(before);
    // The clock is the finer of the two, and stands still for nobody.
    best = Math.min(best, performance.now() - start, (user + system) / 1_000);
  }
  return best;
}

/** An input on which the work takes too long; at a tenth of the length first, so that a catastrophe ends in time. */
function tooSlow(
  run: (text: string) => unknown,
  literals: readonly string[],
  length: number,
  maxMs: number,
): string | null {
  for (const size of [Math.ceil(length / 10), length]) {
    for (const text of adversarial(literals, size)) {
      const ms = shortestMs(() => run(text), maxMs);
      if (ms > maxMs) return `${ms.toFixed(0)} ms for ${size} × ${JSON.stringify(text.slice(0, 40))}`;
    }
  }
  return null;
}

/** Literals worth combining: a rule may have dozens that do the same. */
const some = (literals: readonly string[]) => literals.slice(0, 2);

describe('expressions take linear time on any line', () => {
  it.each(DETECTORS.map((detector) => [detector.family, detector] as const))(
    'detectors of %s',
    { timeout: 120_000 },
    (_, detector) => {
      const slow: string[] = [];
      for (const rule of detector.rules) {
        const literals = some([...(rule.and ?? []).slice(0, 1), ...rule.near]);
        const below = rule.announces?.rule;
        const patterns = [
          rule.pattern,
          rule.unless,
          rule.after,
          rule.headed?.pattern,
          below?.pattern,
          below?.unless,
          ...(rule.completes?.patterns ?? []),
        ];
        for (const pattern of patterns) {
          const finding = pattern
            ? tooSlow((text) => pattern.exec(text), literals, MAX_RULE_CHARS, MAX_MATCH_MS)
            : null;
          if (finding !== null) slow.push(`${rule.id}: ${finding}`);
        }
      }
      expect(slow).toEqual([]);
    },
  );

  // redaction sees the whole line: eight times what a rule sees
  const redaction = [
    ...REDACTION_RULES,
    { id: 'private-key-begin', near: ['-----BEGIN '], pattern: PRIVATE_KEY_BEGIN },
    { id: 'private-key-end', near: ['-----END '], pattern: PRIVATE_KEY_END },
  ];
  it.each(redaction.map((rule) => [rule.id, rule] as const))(
    'redaction of %s',
    { timeout: 60_000 },
    (_, rule) => {
      const slow = tooSlow(
        (text) => text.replace(rule.pattern, ''),
        some(rule.near),
        MAX_LINE_BYTES,
        8 * MAX_MATCH_MS,
      );
      expect(slow).toBeNull();
    },
  );

  it.each([
    ['clean-up', (text: string) => stripControls(text), ['\u001b[', '\u001b]', '^[[', '\r'], MAX_LINE_BYTES],
    [
      'relaying prefixes',
      (text: string) => relayed(text),
      ['[task 2024-', '::error ', '[', '#1 '],
      MAX_LINE_BYTES,
    ],
    [
      'provider prefixes',
      (text: string) => splitPrefix(text, 'gh-run-view'),
      ['2024-05-01T10:00:00.0Z', '\t'],
      MAX_LINE_BYTES,
    ],
    ['the format', (text: string) => detectFormat(text), ['\t', '\n', '[task '], PIECE_BYTES],
    [
      'the mask of signatures',
      (text: string) => maskVariableParts(text),
      ['/tmp/', 'C:\\', 'line 1', 'sha512-'],
      MAX_LINE_BYTES,
    ],
    [
      'free text',
      (text: string) => redactText(text),
      ['password=', 'a://', '-----BEGIN PRIVATE KEY-----', '\n'],
      MAX_LINE_BYTES,
    ],
  ])('%s', { timeout: 60_000 }, (_, run, literals, length) => {
    expect(tooSlow(run, literals, length, 8 * MAX_MATCH_MS)).toBeNull();
  });

  it.each(['gha-raw', 'travis', 'taskcluster', 'gitlab', 'buildkite'] as const)(
    'the steps of %s',
    { timeout: 60_000 },
    (format) => {
      const run = (text: string) => new StepTracker(format).line(text, 1, null);
      expect(tooSlow(run, STEP_LITERALS, MAX_LINE_BYTES, 8 * MAX_MATCH_MS)).toBeNull();
    },
  );
});
