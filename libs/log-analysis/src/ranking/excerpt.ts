import type { KeptLine } from '../scan/lines.js';
import type { RankedHit } from './rank.js';

export interface ExcerptLimits {
  readonly maxLines: number;
  readonly maxChars: number;
}

export interface Excerpt {
  readonly text: string;
  /** The lines that stand in it, in log order. */
  readonly lines: readonly KeptLine[];
}

/** What a context line is worth beside the finding it belongs to, one line away; farther ones less. */
const CONTEXT_SHARE = 0.55;
const CONTEXT_DECAY = 0.06;
/** Of that, what a context line is worth that successful runs print too. */
const KNOWN_CONTEXT = 0.5;
/** Each further line of one rule with one code says less. */
const KIND_DECAY = 0.94;
const TEST_DECAY = 0.985;
/** Longest line shown, as a share of the room: one line never takes it all. */
const MAX_LINE_SHARE = 0.8;

/**
 * The best lines that fit, in log order, numbers beside them, gaps marked. Best first: a smaller limit shows less,
 * never other things.
 */
export function buildExcerpt(
  ranked: readonly RankedHit[],
  primary: RankedHit | null,
  kept: ReadonlyMap<number, KeptLine>,
  limits: ExcerptLimits,
  /** Whether successful runs of the job print this line too. */
  known?: (line: KeptLine) => boolean,
): Excerpt {
  const order = byWorth(ranked, primary, kept, known);
  const chosen = new Map<number, KeptLine>();
  const width = String(Math.max(1, ...kept.keys())).length;
  let chars = 0;
  for (const no of order) {
    const line = kept.get(no);
    if (!line) continue;
    // a new line may open a gap on one side: its mark is paid for at once
    const gaps = chosen.size === 0 ? 0 : Number(!chosen.has(no - 1)) + Number(!chosen.has(no + 1)) - 1;
    const cost =
      width +
      3 +
      Math.min(line.text.length, maxLineChars(limits)) +
      1 +
      Math.max(0, gaps) * (GAP_CHARS + width);
    if (chosen.size + gapsOf(chosen, no) >= limits.maxLines) break;
    if (chars + cost > limits.maxChars) continue;
    chars += cost;
    chosen.set(no, line);
  }
  const lines = [...chosen.values()].toSorted((a, b) => a.no - b.no);
  return { text: render(lines, width, limits), lines };
}

const GAP_CHARS = 28;

/** Lines and gap marks that the excerpt would have with this line, without counting it twice. */
function gapsOf(chosen: ReadonlyMap<number, KeptLine>, added: number): number {
  let gaps = 0;
  const numbers = [...chosen.keys(), added].toSorted((a, b) => a - b);
  for (let i = 1; i < numbers.length; i += 1) {
    if (numbers[i]! > numbers[i - 1]! + 1) gaps += 1;
  }
  return gaps;
}

function maxLineChars(limits: ExcerptLimits): number {
  return Math.floor(limits.maxChars * MAX_LINE_SHARE);
}

/** Line numbers, the most telling first. */
function byWorth(
  ranked: readonly RankedHit[],
  primary: RankedHit | null,
  kept: ReadonlyMap<number, KeptLine>,
  known?: (line: KeptLine) => boolean,
): readonly number[] {
  const worth = new Map<number, number>();
  const raise = (no: number, value: number) => {
    if (kept.has(no) && value > (worth.get(no) ?? 0)) worth.set(no, value);
  };
  const shares = new Map<number, number>();
  const shareOf = (no: number) => {
    const line = known ? kept.get(no) : undefined;
    if (!known || !line) return 1;
    let share = shares.get(no);
    if (share === undefined) shares.set(no, (share = known(line) ? KNOWN_CONTEXT : 1));
    return share;
  };
  const kinds = new Map<string, number>();
  for (const hit of ranked) {
    const kind = `${hit.rule.id} ${hit.fields['code'] ?? ''}`;
    const nth = kinds.get(kind) ?? 0;
    kinds.set(kind, nth + 1);
    const value = hit.score * (hit.rule.test ? TEST_DECAY : KIND_DECAY) ** nth;
    raise(hit.no, hit === primary ? Infinity : value);
    const context = { before: hit.rule.context?.before ?? 2, after: hit.rule.context?.after ?? 4 };
    for (let d = 1; d <= context.before; d += 1)
      raise(hit.no - d, value * (CONTEXT_SHARE - CONTEXT_DECAY * d) * shareOf(hit.no - d));
    for (let d = 1; d <= context.after; d += 1)
      raise(hit.no + d, value * Math.max(0.1, CONTEXT_SHARE - CONTEXT_DECAY * d * 0.5) * shareOf(hit.no + d));
  }
  // kept for its own sake (the end of a log without findings)
  for (const no of kept.keys()) if (!worth.has(no)) worth.set(no, no / 1e9);
  return [...worth].toSorted((a, b) => b[1] - a[1] || a[0] - b[0]).map(([no]) => no);
}

function render(lines: readonly KeptLine[], width: number, limits: ExcerptLimits): string {
  const out: string[] = [];
  let last = 0;
  for (const line of lines) {
    if (line.no > last + 1 && last > 0) out.push(`${' '.repeat(width)} | … ${line.no - last - 1} lines …`);
    out.push(`${String(line.no).padStart(width)} | ${shorten(line.text, maxLineChars(limits))}`);
    last = line.no;
  }
  return out.join('\n');
}

function shorten(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
