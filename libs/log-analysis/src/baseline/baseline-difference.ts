import type { RankedHit } from '../ranking/rank.js';
import { relayed } from '../reader/prefix.js';
import type { KeptLine } from '../scan/lines.js';
import type { LineObserver } from '../log-scan.js';
import { BASELINE_VERSION, treesOf, type Baseline, type BaselineTrees } from './baseline.js';
import { LineSample } from './line-sample.js';
import { templateTokens } from './template-tokens.js';

/** Of the different lines of a log, the share that a baseline of the same job knows at least. */
const MIN_SHARE = 0.5;
/** Fewer different lines than this say nothing of the job. */
const MIN_LINES = 8;
/** What a finding that green runs print too is worth beside a new one. */
const KNOWN_FACTOR = 0.3;
/** A finding from this weight on says what went wrong and may take the place of known ones; summaries may not. */
const CAUSE_WEIGHT = 60;

/**
 * Compares a failed log with what successful runs of its job print. It says nothing at all while the log seems to be
 * of another job: an unrelated baseline changes nothing.
 */
export class BaselineDifference implements LineObserver {
  private readonly trees: BaselineTrees | null;
  private readonly sample = new LineSample<string>();
  private verdict: boolean | null = null;

  constructor(baseline: Baseline) {
    this.trees = baseline.version === BASELINE_VERSION ? treesOf(baseline) : null;
  }

  wants(telling: boolean): boolean {
    // what rules look at may be the failure itself: it is no measure of being related
    return !telling && this.sample.wantsNext();
  }

  line(body: string): void {
    this.sample.add(body);
  }

  /** Whether the log looks like one of the baseline's job; asked once it is read. */
  get related(): boolean {
    this.verdict ??= this.share() >= MIN_SHARE;
    return this.verdict;
  }

  /** Whether green runs print this line too. */
  knows(body: string): boolean {
    if (this.trees === null || !this.related) return false;
    const tokens = templateTokens(body);
    return this.trees.telling.matches(tokens) || this.trees.ordinary.matches(tokens);
  }

  /** As `knows`, for a line of the log as people see it. */
  readonly knowsLine = (line: KeptLine): boolean => this.knows(relayed(line.text));

  /**
   * Findings that green runs print too lose weight, as long as a new one says what went wrong: what fails is never
   * hidden for having been seen before.
   */
  lower(ranked: readonly RankedHit[]): RankedHit[] {
    if (this.trees === null || !this.related) return [...ranked];
    const { telling } = this.trees;
    const known = ranked.map((hit) => telling.matches(templateTokens(hit.body)));
    if (ranked.every((hit, i) => known[i] || hit.rule.weight < CAUSE_WEIGHT)) return [...ranked];
    return ranked.map((hit, i) => (known[i] ? { ...hit, score: hit.score * KNOWN_FACTOR } : hit));
  }

  private share(): number {
    if (this.trees === null) return 0;
    const { telling, ordinary } = this.trees;
    const different = new Map<string, string[]>();
    for (const body of this.sample.items) {
      const tokens = templateTokens(body);
      if (tokens.length > 0) different.set(tokens.join(' '), tokens);
    }
    if (different.size < MIN_LINES) return 0;
    let matched = 0;
    for (const tokens of different.values()) {
      if (ordinary.matches(tokens) || telling.matches(tokens)) matched += 1;
    }
    return matched / different.size;
  }
}
