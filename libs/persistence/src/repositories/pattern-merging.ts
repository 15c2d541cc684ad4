import { InvalidInput, PatternNotFound, type PatternRef } from '@app/domain';
import type { Query } from '../database.js';
import { storable, storableText } from '../storable.js';

interface LockedPattern extends PatternRef {
  readonly mergedInto: string | null;
}

interface Merge {
  readonly projectId: string;
  readonly source: string;
  readonly target: string;
  readonly by: string;
  readonly now: Date;
}

/**
 * Gives what was seen of the source to the target. Its row stays, and points there; occurrences keep the fingerprint they
 * were seen with, by which an undoing finds them.
 */
export async function mergePatterns(query: Query, merge: Merge): Promise<void> {
  const { projectId, source, target, by, now } = merge;
  const rows = await lock(query, projectId, [source, target]);
  const from = found(rows, source);
  const to = found(rows, target);
  if (from.id === to.id) throw new InvalidInput('A pattern can’t be merged into itself.');
  if (to.mergedInto !== null) {
    throw new InvalidInput(`${target} was merged into another pattern itself; merge into that one.`);
  }
  if (from.mergedInto !== null) {
    throw new InvalidInput(`${source} is merged already; undo that first.`);
  }
  await query('UPDATE patterns SET merged_into = $2 WHERE merged_into = $1', [from.id, to.id]);
  await query(
    `UPDATE patterns t SET occurrences = t.occurrences + s.occurrences,
       first_seen_at = least(t.first_seen_at, s.first_seen_at),
       last_seen_at = greatest(t.last_seen_at, s.last_seen_at)
     FROM patterns s WHERE s.id = $1 AND t.id = $2`,
    [from.id, to.id],
  );
  await query('UPDATE patterns SET merged_into = $2, occurrences = 0 WHERE id = $1', [from.id, to.id]);
  await query('UPDATE occurrences SET pattern_id = $2 WHERE pattern_id = $1', [from.id, to.id]);
  await query('UPDATE incidents SET pattern_id = $2, fingerprint = $3 WHERE pattern_id = $1', [
    from.id,
    to.id,
    to.fingerprint,
  ]);
  await note(query, [from.id, to.id], 'merged', { by, now, facts: { source, target } });
}

/** Gives back to the fingerprint what was seen under it. */
export async function unmergePattern(
  query: Query,
  undo: { readonly projectId: string; readonly fingerprint: string; readonly by: string; readonly now: Date },
): Promise<PatternRef> {
  const { projectId, fingerprint, by, now } = undo;
  const [source] = await lock(query, projectId, [fingerprint]);
  if (!source?.mergedInto) throw new PatternNotFound(fingerprint);
  const [target] = await query<PatternRef>(
    `SELECT id, project_id AS "projectId", fingerprint FROM patterns WHERE id = $1 FOR UPDATE`,
    [source.mergedInto],
  );
  await query('UPDATE patterns SET merged_into = NULL WHERE id = $1', [source.id]);
  await query('UPDATE occurrences SET pattern_id = $1 WHERE pattern_id = $2 AND fingerprint = $3', [
    source.id,
    target!.id,
    fingerprint,
  ]);
  await query(
    `UPDATE incidents i SET pattern_id = $1, fingerprint = $3 FROM occurrences o
     WHERE i.pattern_id = $2 AND o.incident_id = i.id AND o.attempt = i.latest_attempt AND o.pattern_id = $1`,
    [source.id, target!.id, fingerprint],
  );
  // Both as their occurrences are now: the times of a pattern without any stay as they were.
  await query(
    `UPDATE patterns p SET occurrences = seen.count,
       first_seen_at = coalesce(seen.first, p.first_seen_at), last_seen_at = coalesce(seen.last, p.last_seen_at)
     FROM unnest($1::uuid[]) AS one (id) CROSS JOIN LATERAL (
       SELECT count(*)::integer AS count, min(failed_at) AS first, max(failed_at) AS last
       FROM occurrences o WHERE o.pattern_id = one.id
     ) AS seen
     WHERE p.id = one.id`,
    [[source.id, target!.id]],
  );
  await note(query, [source.id, target!.id], 'unmerged', { by, now, facts: { fingerprint } });
  return target!;
}

/** In one order, so that two merges wait for each other and never in a circle. */
async function lock(query: Query, projectId: string, fingerprints: readonly string[]) {
  return query<LockedPattern>(
    `SELECT id, project_id AS "projectId", fingerprint, merged_into AS "mergedInto" FROM patterns
     WHERE project_id = $1 AND fingerprint = ANY ($2) ORDER BY id FOR UPDATE`,
    [projectId, fingerprints.map(storableText)],
  );
}

function found(rows: readonly LockedPattern[], fingerprint: string): LockedPattern {
  const row = rows.find((candidate) => candidate.fingerprint === fingerprint);
  if (!row) throw new PatternNotFound(fingerprint);
  return row;
}

async function note(
  query: Query,
  patternIds: readonly string[],
  kind: 'merged' | 'unmerged',
  { by, now, facts }: { by: string; now: Date; facts: Record<string, unknown> },
): Promise<void> {
  await query(
    `INSERT INTO pattern_events (pattern_id, at, kind, by, facts) SELECT id, $2, $3, $4, $5 FROM unnest($1::uuid[]) AS id`,
    [patternIds, now, kind, storableText(by), JSON.stringify(storable(facts))],
  );
}
