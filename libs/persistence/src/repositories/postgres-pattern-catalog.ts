import {
  PatternNotFound,
  type LikelyFix,
  type Page,
  type PatternCatalog,
  type PatternEvent,
  type PatternFilter,
  type PatternRef,
  type PatternSignature,
  type PatternSummary,
} from '@app/domain';
import type { Database } from '../database.js';
import { storable, storableText } from '../storable.js';
import { decodeCursor, encodeCursor } from './incident-cursor.js';
import { mergePatterns, unmergePattern } from './pattern-merging.js';
import { summariesOf, toPatternSummary, type PatternSummaryRow } from './pattern-summary.js';
import { isUuid } from './uuid.js';

export class PostgresPatternCatalog implements PatternCatalog {
  constructor(private readonly database: Database) {}

  async list(filter: PatternFilter, limit: number, cursor: string | null): Promise<Page<PatternSummary>> {
    const after = cursor === null ? null : decodeCursor(cursor);
    const rows = await this.database.query<PatternSummaryRow>(
      summariesOf(
        `SELECT * FROM patterns
         WHERE merged_into IS NULL AND ($1::uuid[] IS NULL OR project_id = ANY ($1))
           AND ($2::text[] IS NULL OR category = ANY ($2)) AND ($3::boolean IS NULL OR (muted_at IS NOT NULL) = $3)
           AND occurrences >= $4 AND ($5::timestamptz IS NULL OR (last_seen_at, id) < ($5, $6::uuid))
         ORDER BY last_seen_at DESC, id DESC LIMIT $7`,
      ),
      [
        filter.projectIds?.filter(isUuid) ?? null,
        filter.category ?? null,
        filter.muted ?? null,
        filter.minOccurrences ?? 0,
        after?.openedAt ?? null,
        after?.id ?? null,
        limit + 1,
      ],
    );
    const items = rows.slice(0, limit).map(toPatternSummary);
    const last = items.at(-1);
    const nextCursor =
      last && rows.length > limit ? encodeCursor({ openedAt: last.lastSeenAt, id: last.id }) : null;
    return { items, nextCursor };
  }

  async withFingerprint(
    fingerprint: string,
    projectIds: readonly string[] | undefined,
  ): Promise<readonly PatternSummary[]> {
    const rows = await this.database.query<PatternSummaryRow>(
      summariesOf(
        `SELECT * FROM patterns WHERE id IN (
           SELECT coalesce(merged_into, id) FROM patterns
           WHERE fingerprint = $1 AND ($2::uuid[] IS NULL OR project_id = ANY ($2)))`,
      ),
      [storableText(fingerprint), projectIds?.filter(isUuid) ?? null],
    );
    return rows.map(toPatternSummary);
  }

  async signatures(projectId: string, limit: number): Promise<readonly PatternSignature[]> {
    if (!isUuid(projectId)) return [];
    return this.database.query<PatternSignature>(
      `SELECT id, project_id AS "projectId", fingerprint, signature, occurrences, last_seen_at AS "lastSeenAt"
       FROM patterns WHERE project_id = $1 AND merged_into IS NULL
       ORDER BY last_seen_at DESC, id DESC LIMIT $2`,
      [projectId, limit],
    );
  }

  async history(patternId: string): Promise<readonly PatternEvent[]> {
    if (!isUuid(patternId)) return [];
    return this.database.query<PatternEvent>(
      `SELECT at, kind, by, facts FROM pattern_events WHERE pattern_id = $1 ORDER BY id`,
      [patternId],
    );
  }

  async likelyFixes(patternId: string, limit: number): Promise<readonly LikelyFix[]> {
    if (!isUuid(patternId)) return [];
    return this.database.query<LikelyFix>(
      `SELECT incident_id AS "incidentId", red_sha AS "redSha", green_sha AS "greenSha", commits,
         total_commits AS "totalCommits", files, url, found_at AS "foundAt"
       FROM likely_fixes
       WHERE pattern_id = $1 OR pattern_id IN (SELECT id FROM patterns WHERE merged_into = $1)
       ORDER BY found_at DESC, id DESC LIMIT $2`,
      [patternId, limit],
    );
  }

  async setMuted(
    patternId: string,
    change: { readonly muted: boolean; readonly reason: string | null; readonly by: string },
  ): Promise<boolean> {
    if (!isUuid(patternId)) throw new PatternNotFound(patternId);
    const { muted, by } = change;
    const reason = muted ? storable(change.reason) : null;
    const rows = await this.database.query(
      `WITH changed AS (
         UPDATE patterns SET muted_at = CASE WHEN $2 THEN $3::timestamptz END, muted_by = CASE WHEN $2 THEN $4 END,
           mute_reason = $5
         WHERE id = $1 AND ((muted_at IS NOT NULL) <> $2 OR mute_reason IS DISTINCT FROM $5)
         RETURNING id
       )
       INSERT INTO pattern_events (pattern_id, at, kind, by, facts)
       SELECT id, $3, CASE WHEN $2 THEN 'muted' ELSE 'unmuted' END, $4, jsonb_build_object('reason', $5::text)
       FROM changed RETURNING pattern_id`,
      [patternId, muted, this.database.clock.now(), storableText(by), reason],
    );
    return rows.length > 0;
  }

  async merge(
    projectId: string,
    change: { readonly source: string; readonly target: string; readonly by: string },
  ): Promise<void> {
    if (!isUuid(projectId)) throw new PatternNotFound(change.source);
    const now = this.database.clock.now();
    await this.database.transaction((query) => mergePatterns(query, { projectId, ...change, now }));
  }

  async unmerge(
    projectId: string,
    change: { readonly fingerprint: string; readonly by: string },
  ): Promise<PatternRef> {
    if (!isUuid(projectId)) throw new PatternNotFound(change.fingerprint);
    const now = this.database.clock.now();
    return this.database.transaction((query) => unmergePattern(query, { projectId, ...change, now }));
  }
}
