import { createHash } from 'node:crypto';
import type { FailureCategory } from '@app/domain';
import { toolOf } from '../detectors/detector.js';
import type { RankedHit } from '../ranking/rank.js';
import { maskVariableParts } from './mask.js';

/** Raised whenever the same failure would get another fingerprint. */
export const FINGERPRINT_VERSION = 2;
/** Decisive lines that make the identity: few, so that one more casualty doesn't make a new failure. */
const MAX_IDENTITY_LINES = 4;
const MAX_SIGNATURE_LINES = 12;

/** The decisive lines, masked, best first: what caches, similarity search and people compare. */
export function signatureOf(ranked: readonly RankedHit[], primary: RankedHit | null): string {
  if (!primary) return '';
  const best = ranked
    .filter((hit) => hit.score >= Math.min(40, primary.score) && hit.rule.weight >= 40)
    .toSorted((a, b) => b.score - a.score || a.no - b.no);
  const lines = [...new Set([primary.masked, ...best.map((hit) => hit.masked)])].filter(
    (line) => line !== '',
  );
  return lines.slice(0, MAX_SIGNATURE_LINES).join('\n');
}

/**
 * What a finding says of the cause: its line, and what lines below complete it with. A failed test is known by its
 * name: what it expected and got may differ from run to run.
 */
function identityOf(hit: RankedHit): string {
  if (!hit.rule.completes || hit.rule.test) return hit.masked;
  const { code, message, test } = hit.fields;
  return `${hit.masked} ${maskVariableParts([code, message, test].filter((field) => field !== undefined).join(' '))}`;
}

/**
 * Identity of a failure: category, tool, code, the masked lines of the primary's kind, and the failed tests. Sorted,
 * so that output in another order has the same.
 */
export function fingerprintOf(
  category: FailureCategory,
  ranked: readonly RankedHit[],
  primary: RankedHit | null,
): string {
  const parts: string[] = [category];
  if (primary) {
    const peers = ranked.filter((hit) => hit.rule.id === primary.rule.id && hit.score >= primary.score * 0.8);
    const lines = [...new Set(peers.map(identityOf))].toSorted().slice(0, MAX_IDENTITY_LINES);
    const tests = ranked
      .filter((hit) => hit.rule.test && hit.fields['test'] !== undefined && hit.score >= primary.score * 0.5)
      .map((hit) => maskVariableParts(hit.fields['test'] ?? ''));
    parts.push(
      toolOf(primary.rule),
      primary.fields['code'] ?? '',
      ...lines,
      ...[...new Set(tests)].toSorted().slice(0, MAX_IDENTITY_LINES),
    );
  }
  const digest = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32);
  return `v${FINGERPRINT_VERSION}:${digest}`;
}
