import type { Determinism, FailureCategory, Fixability } from '@app/domain';
import type { Triggered } from '../scan/triggers.js';

/**
 * How to add a detector
 * ---------------------
 * A detector is a list of rules for one tool family, one file a family, declared as data and listed in `./index.ts`.
 * A rule describes one kind of line that the tool prints, never one log. For each line of the log
 *  1. one scan finds which literals of all rules stand in it (`near`, and `and` where given; ASCII case is folded);
 *  2. only the rules of those literals try their `pattern`, on the *body* of the line: terminal controls, the
 *     provider's columns and timestamp, relaying prefixes (`##[error]`, BuildKit's `#12 3.4`, compose's `web-1 | `) are
 *     gone, leading blanks are kept, and it is cut at 4,000 characters;
 *  3. the rule with the highest weight names the line; a line may have one.
 * Keep patterns linear: anchor them, bound quantifiers, let no two neighbours match the same characters. Choose `near`
 * so that it is rare in healthy logs (`error ts`, not `error`).
 *
 * Weights (they order the evidence, and decide the category)
 *   90–96  the tool says exactly what is wrong: first compiler error, failing assertion, unresolvable package
 *   80–89  names the failing test or file, or says what is wrong in general words
 *   60–79  an exception or error line of unknown kind; a cancellation or kill that explains a log without other cause
 *   40–59  summary or header that belongs to such a line (`Found 3 errors`)
 *   10–39  consequence: wrapper, exit code, `BUILD FAILED`
 */
export interface Rule extends RuleBody, Triggered {}

/** What a rule says once a line is known to be worth a look. */
export interface RuleBody {
  /** `tool.kind`, stable: it is part of the fingerprint. */
  readonly id: string;
  /** The tool as findings name it, when it isn't the part of the id before the dot. */
  readonly tool?: string;
  /**
   * Named groups become fields of the finding: `file`, `line`, `column`, `code`, `message`, `test`, `expected`,
   * `actual`.
   */
  readonly pattern: RegExp;
  /** Matching lines that must not count after all. */
  readonly unless?: RegExp;
  readonly weight: number;
  /** What a failure with this line at its head is; null for lines that only accompany others. */
  readonly category: FailureCategory | null;
  readonly subcategory?: string;
  /** A body that must stand on the line before (or, with `within`, up to that many lines before). */
  readonly after?: RegExp;
  /** The rule counts only up to this many lines below a line of one of these tools. */
  readonly follows?: { readonly tools: readonly string[]; readonly lines: number };
  /** Only for lines that the provider or the tool marked as errors (`##[error]`, `::error`). */
  readonly annotated?: true;
  /** Lines around it that belong to it: shown with it as room allows. Default: 2 before, 4 after. */
  readonly context?: { readonly before?: number; readonly after?: number };
  /** A `test` rule names a failed test: it is part of the failed-test list, which excerpts keep. */
  readonly test?: true;
  /** Another category when the step's command or name matches, or another rule was seen in the log. */
  readonly instead?: readonly {
    readonly step?: RegExp;
    readonly seen?: readonly string[];
    readonly category: FailureCategory;
    readonly subcategory?: string;
  }[];
  /**
   * For a line that only announces what is wrong: the rule for the line below that says it, of which no literal is
   * known. The first of the next `within` lines that its pattern matches is a finding of its own.
   */
  readonly announces?: { readonly within: number; readonly rule: RuleBody };
  /**
   * Lines below that complete the finding, tried on each of the next `within` lines, each pattern once: a `message`
   * group is joined to the message, other groups fill fields that are empty.
   */
  readonly completes?: { readonly within: number; readonly patterns: readonly RegExp[] };
  /** The nearest line above, up to `within`, that its pattern matches fills fields that are empty: a file's heading. */
  readonly headed?: { readonly within: number; readonly pattern: RegExp };
  /** A line that takes back findings of these rules up to `lines` above it: the tool went on in spite of them. */
  readonly withdraws?: { readonly rules: readonly string[]; readonly lines: number };
  readonly determinism?: Determinism;
  readonly fixability?: Fixability;
  /** A command or config change that mends it; groups of the pattern may be used as `$<name>`. */
  readonly suggestion?: string;
}

export interface Detector {
  readonly family: string;
  readonly rules: readonly Rule[];
}

/** Sources that are no program: a sentence about their findings has the step for its subject. */
const SOURCES: ReadonlySet<string> = new Set([
  'actions',
  'assertion',
  'auth',
  'check',
  'cloud',
  'deploy',
  'generic',
  'http',
  'loader',
  'log',
  'network',
  'publish',
  'resource',
  'runner',
  'runtime',
  'secrets',
  'service',
  'shell',
  'signing',
  'workflow',
]);

/** The program that a finding of this rule may be said to come from; null where the rule knows only the kind of line. */
export function programOf(rule: RuleBody): string | null {
  const tool = toolOf(rule);
  return SOURCES.has(tool) ? null : tool;
}

/** The tool that findings of this rule name. */
export function toolOf(rule: RuleBody): string {
  return rule.tool ?? rule.id.slice(0, rule.id.indexOf('.'));
}
