import { DETECTORS } from './detectors/index.js';
import { Collector } from './detectors/collector.js';
import type { Rule } from './detectors/detector.js';
import { stripControls } from './reader/ansi.js';
import type { LogFormat } from './reader/format.js';
import type { LineSink } from './reader/line-reader.js';
import type { ArchivePart } from './reader/log-archive.js';
import { relayed, splitPrefix } from './reader/prefix.js';
import { REDACTION_TRIGGERS, Redactor } from './redaction/redactor.js';
import { HitSet, LiteralScanner } from './scan/literal-scanner.js';
import { RecentLines, type KeptLine } from './scan/lines.js';
import { literalIds, Triggers, type Triggered } from './scan/triggers.js';
import { STEP_LITERALS, StepTracker } from './steps/step-tracker.js';

/**
 * Anything that a terminal would act on: such lines are cleaned before they are matched, so that no control between
 * the letters of a secret hides it. All of ASCII's but tab and line feed, the byte order mark, and the caret form.
 */
const CONTROL_LITERALS: readonly string[] = [
  ...[...Array(32).keys(), 127]
    .filter((code) => code !== 9 && code !== 10)
    .map((code) => String.fromCharCode(code)),
  '\ufeff',
  '^[[',
];
const RULES: readonly Rule[] = DETECTORS.flatMap((detector) => detector.rules);
const CONTROLS: readonly Triggered[] = [{ near: CONTROL_LITERALS }];
const STEPS: readonly Triggered[] = [{ near: STEP_LITERALS }];

// one automaton for everything that looks at lines
const IDS = literalIds([...RULES, ...REDACTION_TRIGGERS, ...CONTROLS, ...STEPS]);
const SCANNER = new LiteralScanner([...IDS.keys()]);
/** Lines above a finding that can still be fetched. */
const RECENT_LINES = 48;

/** Looks at lines of a log as they pass, without script echo. */
export interface LineObserver {
  /** @param telling whether a rule may take the line for a finding. */
  wants(telling: boolean): boolean;
  /** @param body redacted, without the provider's prefix and relaying marks. */
  line(body: string, telling: boolean): void;
}

/** One log on its way through: cleans, redacts, follows the steps and collects what the rules recognise. */
export class LogScan implements LineSink {
  readonly scanner = SCANNER;
  readonly hits = new HitSet(IDS.size);
  readonly redactor = new Redactor();
  readonly tracker: StepTracker;
  readonly collector: Collector;
  /** Physical lines read. */
  lines = 0;
  /** Whether any line held more than blanks. */
  anyText = false;
  private readonly recent: RecentLines;
  private readonly cleanedHits = new HitSet(IDS.size);
  private readonly detect = new Triggers(RULES, IDS);
  private readonly redact = new Triggers(REDACTION_TRIGGERS, IDS);
  private readonly controls = new Triggers(CONTROLS, IDS);
  private readonly steps = new Triggers(STEPS, IDS);
  private lastColumns: Buffer = Buffer.alloc(0);
  /** Files of the archive that have begun. */
  private begun = 0;

  constructor(
    private readonly format: LogFormat,
    private readonly observer?: LineObserver,
    /** The files that the log was put together from, in order; may grow while it is read. */
    private readonly parts: readonly ArchivePart[] = [],
  ) {
    this.tracker = new StepTracker(format);
    this.recent = new RecentLines(RECENT_LINES, (line) => splitPrefix(line, format).text);
    this.collector = new Collector(RULES, this.recent);
  }

  line(bytes: Buffer, start: number, end: number, rawHits: HitSet, droppedBytes: number): string | null {
    this.lines += 1;
    this.beginParts();
    if (end > start && !this.anyText) this.anyText = bytes.toString('utf8', start, end).trim() !== '';
    let hits = rawHits;
    let line: string | null = null;
    if (droppedBytes > 0) {
      line = stripControls(cutLine(bytes.toString('utf8', start, end), droppedBytes));
      hits = this.scanText(line);
    } else if (this.controls.candidates(hits).length > 0) {
      line = stripControls(bytes.toString('utf8', start, end));
      hits = this.scanText(line);
    }
    const redactions = this.redact.candidates(hits);
    if (redactions.length > 0 || this.redactor.mustSeeNext) {
      const before = line ?? bytes.toString('utf8', start, end);
      const textStart = this.redactor.needsTextStart(redactions)
        ? before.trimEnd().length - splitPrefix(before, this.format).text.length
        : 0;
      const after = this.redactor.line(before, redactions, textStart);
      if (line !== null || after !== before) line = after;
    }
    this.understand(bytes, start, end, line, hits);
    return line;
  }

  private understand(bytes: Buffer, start: number, end: number, line: string | null, hits: HitSet): void {
    if (this.format === 'gh-run-view') this.columns(bytes, start, end);
    const stepLine = this.steps.candidates(hits).length > 0;
    const rules = this.detect.candidates(hits);
    const wanted = this.collector.wantsContext;
    const telling = rules.length > 0;
    const observed = this.observer !== undefined && !this.tracker.echo && this.observer.wants(telling);
    if (!stepLine && !telling && !wanted && !observed) {
      const text = line === null ? null : splitPrefix(line, this.format).text;
      this.recent.push(this.lines, this.tracker.step.index, bytes, start, end, text);
      return;
    }
    const parts = splitPrefix(line ?? bytes.toString('utf8', start, end), this.format);
    if (stepLine) this.tracker.line(parts.text, this.lines, parts.time);
    const kept: KeptLine = { no: this.lines, text: parts.text, step: this.tracker.step.index };
    this.recent.push(kept.no, kept.step, bytes, start, end, kept.text);
    if (wanted) this.collector.context(kept);
    if ((rules.length > 0 || this.collector.expects) && !this.tracker.echo) {
      this.collector.offer(kept, rules);
    }
    if (observed) this.observer?.line(relayed(kept.text), telling);
  }

  /** A file of an archive begins a job or a step; an empty one has no line of its own. */
  private beginParts(): void {
    for (let part = this.parts[this.begun]; part?.firstLine === this.lines; part = this.parts[this.begun]) {
      this.begun += 1;
      this.tracker.columns(part.job, part.step, this.lines, null);
    }
  }

  /** Job and step of `gh run view`, looked at only where they change. */
  private columns(bytes: Buffer, start: number, end: number): void {
    const last = this.lastColumns;
    if (
      last.length > 0 &&
      end - start >= last.length &&
      bytes.compare(last, 0, last.length, start, start + last.length) === 0
    ) {
      return;
    }
    const first = bytes.indexOf(9, start);
    const second = first < 0 || first >= end ? -1 : bytes.indexOf(9, first + 1);
    if (second < 0 || second >= end) return;
    this.lastColumns = Buffer.from(bytes.subarray(start, second + 1));
    const parts = splitPrefix(bytes.toString('utf8', start, end), this.format);
    if (parts.job !== null && parts.step !== null)
      this.tracker.columns(parts.job, parts.step, this.lines, parts.time);
  }

  private scanText(text: string): HitSet {
    const bytes = Buffer.from(text, 'utf8');
    this.cleanedHits.clear();
    this.scanner.scan(bytes, 0, bytes.length, this.cleanedHits);
    return this.cleanedHits;
  }
}

/** An over-long line ends at a blank, so that no half of a secret stays at the cut. */
function cutLine(line: string, droppedBytes: number): string {
  const tail = line.slice(-2_048);
  const blank = tail.search(/\s\S*$/);
  const kept = line.slice(0, blank < 0 ? -2_048 : line.length - tail.length + blank);
  return `${kept} … [${droppedBytes} bytes left out]`;
}
