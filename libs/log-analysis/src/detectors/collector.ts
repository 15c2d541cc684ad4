import { MAX_RULE_CHARS } from '../reader/limits.js';
import { relayed } from '../reader/prefix.js';
import type { KeptLine, RecentLines } from '../scan/lines.js';
import { toolOf, type Rule, type RuleBody } from './detector.js';
import { HitStore } from './hit-store.js';
import type { Hit, HitFields } from './hit.js';

/** Lines kept as context. */
const MAX_KEPT_LINES = 20_000;
const MAX_KEPT_CHARS = 8_000_000;
const DEFAULT_BEFORE = 2;
const DEFAULT_AFTER = 4;
/** A warning may explain a failure, but rarely does. */
const WARNING_FACTOR = 0.35;

/** Echo of what is about to run, not what happened: xtrace, GitHub's command lines, debug output. */
const NOT_OUTPUT = /^(?:\+{1,4} \S|(?:##)?\[command\]|##\[debug\]|\$ \S)/;
/**
 * Programs that a configure script compiles to learn what the system has (autoconf, numpy's distutils): those that
 * don't compile are answers, not failures.
 */
const PROBE = /^(?:[\w./\\:-]{0,200}[\\/])?(?:_configtest|conftest)\.(?:c|cc|cpp|cxx|m|f|f90|o)(?=$|[\s:(])/;
const WARNING = /^(?:##\[warning\]|::warning)/;
const MARKED = /^(?:##\[error\]|::error)/;

/** Applies the rules to candidate lines and keeps what the answer may need, within bounds whatever the log. */
export class Collector {
  hits: Hit[] = [];
  /** Lines by number: every hit and its context. */
  readonly kept = new Map<number, KeptLine>();
  /** How often each rule matched, kept or not. */
  readonly matches = new Map<string, number>();
  private keptChars = 0;
  private wanted = 0;
  private readonly store = new HitStore();
  private readonly lastLineOf = new Map<string, number>();
  /** What a line above announced, until it comes or its lines are over. */
  private announced: { readonly rule: RuleBody; left: number } | null = null;

  constructor(
    private readonly rules: readonly Rule[],
    private readonly recent: RecentLines,
  ) {}

  /** True when a line above announced one that no literal tells. */
  get expects(): boolean {
    return this.announced !== null;
  }

  /** True when the lines below a finding are still being kept. */
  get wantsContext(): boolean {
    return this.wanted > 0;
  }

  /** A line that no rule asked for, but a finding above it did. */
  context(line: KeptLine): void {
    this.wanted -= 1;
    this.keep(line);
  }

  /** A line holding literals of these rules (indexes into the rule list), or one that may have been announced. */
  offer(line: KeptLine, candidates: readonly number[]): void {
    const { text } = line;
    if (NOT_OUTPUT.test(text)) return;
    const marked = MARKED.test(text);
    const body = clip(relayed(text));
    if (PROBE.test(body)) return;
    let best: RuleBody | null = null;
    let groups: RegExpExecArray | null = null;
    for (const index of candidates) {
      const rule = this.rules[index]!;
      if (best !== null && rule.weight <= best.weight) continue;
      if (rule.annotated && !marked) continue;
      const match = rule.pattern.exec(body);
      if (match === null || rule.unless?.test(body)) continue;
      if (rule.follows && !this.followed(rule.follows, line.no)) continue;
      if (rule.after && !rule.after.test(clip(relayed(this.recent.back(1)?.text ?? '')))) continue;
      best = rule;
      groups = match;
    }
    const { announced } = this;
    if (announced) {
      const match = announced.rule.unless?.test(body) ? null : announced.rule.pattern.exec(body);
      announced.left -= 1;
      if (match !== null || announced.left <= 0) this.announced = null;
      if (match !== null && (best === null || announced.rule.weight >= best.weight)) {
        best = announced.rule;
        groups = match;
      }
    }
    if (best === null) return;
    const weight = WARNING.test(text) ? best.weight * WARNING_FACTOR : best.weight;
    this.add({
      rule: best,
      no: line.no,
      text,
      body,
      step: line.step,
      weight,
      fields: groups?.groups ?? {},
      annotated: marked,
    });
  }

  /** The end of a log that nobody explains is kept for the answer. */
  keepTail(lines: number): void {
    for (let back = lines - 1; back >= 0; back -= 1) {
      const line = this.recent.back(back);
      if (line) this.keep(line);
    }
  }

  /** The log is read: what was kept of its hits stands in `hits`, in log order. */
  finish(): void {
    this.hits = standing(this.store.all());
    for (const [index, hit] of this.hits.entries()) {
      if (!hit.rule.completes && !hit.rule.headed) continue;
      this.hits[index] = { ...hit, fields: { ...this.headingOf(hit), ...this.completed(hit) } };
    }
  }

  private headingOf(hit: Hit): HitFields {
    const { headed } = hit.rule;
    if (!headed) return {};
    for (let no = hit.no - 1; no >= hit.no - headed.within; no -= 1) {
      const line = this.kept.get(no);
      if (!line || line.step !== hit.step) break;
      const groups = headed.pattern.exec(clip(relayed(line.text)))?.groups;
      if (groups) return groups;
    }
    return {};
  }

  private completed(hit: Hit): HitFields {
    const { completes } = hit.rule;
    if (!completes) return hit.fields;
    const fields: Record<string, string | undefined> = { ...hit.fields };
    const open = new Set(completes.patterns);
    for (let no = hit.no + 1; no <= hit.no + completes.within && open.size > 0; no += 1) {
      const line = this.kept.get(no);
      if (!line || line.step !== hit.step) break;
      const body = clip(relayed(line.text));
      for (const pattern of open) {
        const groups = pattern.exec(body)?.groups;
        if (!groups) continue;
        open.delete(pattern);
        for (const [name, value] of Object.entries(groups)) fields[name] = joined(name, fields[name], value);
        break;
      }
    }
    return fields;
  }

  private followed(follows: NonNullable<Rule['follows']>, no: number): boolean {
    return follows.tools.some((tool) => no - (this.lastLineOf.get(tool) ?? -Infinity) <= follows.lines);
  }

  private add(hit: Hit): void {
    const { rule } = hit;
    this.matches.set(rule.id, (this.matches.get(rule.id) ?? 0) + 1);
    this.lastLineOf.set(toolOf(rule), hit.no);
    this.store.add(hit);
    this.keepAround(
      Math.max(rule.context?.before ?? DEFAULT_BEFORE, rule.headed?.within ?? 0),
      Math.max(
        rule.context?.after ?? DEFAULT_AFTER,
        rule.announces?.within ?? 0,
        rule.completes?.within ?? 0,
      ),
    );
    if (rule.announces) this.announced = { rule: rule.announces.rule, left: rule.announces.within };
  }

  private keepAround(before: number, after: number): void {
    for (let back = before; back >= 0; back -= 1) {
      const line = this.recent.back(back);
      if (line && !this.kept.has(line.no)) this.keep(line);
    }
    this.wanted = Math.max(this.wanted, after);
  }

  private keep(line: KeptLine): void {
    if (this.kept.size >= MAX_KEPT_LINES || this.keptChars >= MAX_KEPT_CHARS || this.kept.has(line.no))
      return;
    this.keptChars += line.text.length;
    this.kept.set(line.no, line);
  }
}

function clip(body: string): string {
  return body.length > MAX_RULE_CHARS ? body.slice(0, MAX_RULE_CHARS) : body;
}

function joined(name: string, before: string | undefined, value: string | undefined): string | undefined {
  if (value === undefined || value.trim() === '') return before;
  if (before === undefined || before.trim() === '') return value.trim();
  return name === 'message' ? `${before.trim().replace(/[:;,.]+$/, '')}; ${value.trim()}` : before;
}

/** The hits that no later one withdraws. */
function standing(hits: Hit[]): Hit[] {
  const withdrawn = new Set<Hit>();
  for (const [index, { no, rule }] of hits.entries()) {
    const { withdraws } = rule;
    if (!withdraws) continue;
    for (let above = index - 1; above >= 0 && no - hits[above]!.no <= withdraws.lines; above -= 1) {
      if (withdraws.rules.includes(hits[above]!.rule.id)) withdrawn.add(hits[above]!);
    }
  }
  return withdrawn.size === 0 ? hits : hits.filter((hit) => !withdrawn.has(hit));
}
