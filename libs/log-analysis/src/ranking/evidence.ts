import type { Evidence, Finding } from '@app/domain';
import { toolOf } from '../detectors/detector.js';
import type { KeptLine } from '../scan/lines.js';
import type { RankedHit } from './rank.js';

const MAX_EVIDENCE = 12;
const MAX_FINDINGS = 50;
/** Lines of one piece of evidence above and below its finding; above only where the rule says that they belong to it. */
const MAX_BEFORE = 3;
const MAX_AFTER = 8;
/** Evidence and findings below this say nothing about the cause. */
const MIN_SCORE = 30;
/** Nor does what says that much less than the primary line. */
const MIN_SHARE = 0.4;
const MAX_EVIDENCE_CHARS = 4_000;

/** Decisive stretches, the primary one first: each finding with the lines that belong to it, none twice. */
export function evidenceOf(
  ranked: readonly RankedHit[],
  primary: RankedHit | null,
  kept: ReadonlyMap<number, KeptLine>,
): Evidence[] {
  if (!primary) return [];
  const others = ranked
    .filter((hit) => hit !== primary && hit.score >= Math.max(MIN_SCORE, MIN_SHARE * primary.score))
    .toSorted((a, b) => b.score - a.score || a.no - b.no);
  const used = new Set<number>();
  const evidence: Evidence[] = [];
  for (const hit of [primary, ...others]) {
    if (evidence.length >= MAX_EVIDENCE) break;
    if (used.has(hit.no)) continue;
    const { start, end } = stretch(hit, kept, used);
    const lines: string[] = [];
    for (let no = start; no <= end; no += 1) {
      used.add(no);
      lines.push(kept.get(no)?.text ?? '');
    }
    evidence.push({ id: `E${evidence.length + 1}`, startLine: start, endLine: end, text: clip(lines) });
  }
  return evidence;
}

function stretch(hit: RankedHit, kept: ReadonlyMap<number, KeptLine>, used: ReadonlySet<number>) {
  const before = Math.min(MAX_BEFORE, hit.rule.context?.before ?? 0);
  const after = Math.min(MAX_AFTER, hit.rule.context?.after ?? 4);
  const free = (no: number) => !used.has(no) && kept.get(no)?.step === hit.step;
  let start = hit.no;
  while (hit.no - start < before && free(start - 1)) start -= 1;
  let end = hit.no;
  while (end - hit.no < after && free(end + 1)) end += 1;
  return { start, end };
}

/** Keeps one log line a line, so that citations can be mapped to line numbers. */
function clip(lines: readonly string[]): string {
  const each = Math.max(200, Math.floor(MAX_EVIDENCE_CHARS / lines.length));
  return lines.map((line) => (line.length > each ? line.slice(0, each) : line)).join('\n');
}

/** The structured messages of the tools, best first. */
export function findingsOf(ranked: readonly RankedHit[]): Finding[] {
  return ranked
    .filter((hit) => hit.score >= MIN_SCORE)
    .toSorted((a, b) => b.score - a.score || a.no - b.no)
    .slice(0, MAX_FINDINGS)
    .map((hit) => {
      const { fields } = hit;
      return {
        tool: toolOf(hit.rule),
        message: (fields['message'] ?? hit.body).trim().slice(0, 1_000),
        ...text('code', fields['code']),
        ...text('file', fields['file']),
        ...number('line', fields['line']),
        ...number('column', fields['column']),
        ...text('testName', fields['test']),
        ...text('expected', fields['expected']),
        ...text('actual', fields['actual']),
        startLine: hit.no,
        endLine: hit.no,
      };
    });
}

function text<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return value === undefined || value === '' ? {} : ({ [key]: value } as { [P in K]: string });
}

function number<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: number } {
  return value === undefined || value === '' ? {} : ({ [key]: Number(value) } as { [P in K]: number });
}
