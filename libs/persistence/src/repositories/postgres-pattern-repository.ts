import {
  IncidentNotFound,
  PatternNotFound,
  type Diagnosis,
  type FailurePattern,
  type PatternRef,
  type PatternRepository,
  type PatternSighting,
} from '@app/domain';
import { IsNull } from 'typeorm';
import type { Database, Query } from '../database.js';
import { PatternEntity } from '../entities/pattern.entity.js';
import { storableText } from '../storable.js';
import { toDiagnosis } from './diagnosis-mapper.js';
import { isUuid } from './uuid.js';

const COLUMNS = `p.id, p.project_id AS "projectId", p.fingerprint, p.signature, p.category, p.occurrences,
  p.first_seen_at AS "firstSeenAt", p.last_seen_at AS "lastSeenAt", p.diagnosis_id AS "diagnosisId",
  p.muted_at AS "mutedAt"`;

export class PostgresPatternRepository implements PatternRepository {
  constructor(private readonly database: Database) {}

  async recordSighting(sighting: PatternSighting): Promise<FailurePattern> {
    const { incidentId, attempt, fingerprint } = sighting;
    if (!isUuid(incidentId)) throw new IncidentNotFound(incidentId);
    return this.database.transaction(async (query) => {
      const [occurrence] = await query<{ patternId: string | null; fingerprint: string | null }>(
        `SELECT pattern_id AS "patternId", fingerprint FROM occurrences WHERE incident_id = $1 AND attempt = $2 FOR UPDATE`,
        [incidentId, attempt],
      );
      if (!occurrence) throw new IncidentNotFound(incidentId);

      const pattern = await count(query, sighting, occurrence.patternId);
      if (occurrence.patternId !== pattern.id || occurrence.fingerprint !== fingerprint) {
        await query(
          'UPDATE occurrences SET pattern_id = $3, fingerprint = $4 WHERE incident_id = $1 AND attempt = $2',
          [incidentId, attempt, pattern.id, fingerprint],
        );
        // A changed analysis moves the occurrence to its new pattern: it is still one.
        if (occurrence.patternId !== null && occurrence.patternId !== pattern.id) {
          await query('UPDATE patterns SET occurrences = occurrences - 1 WHERE id = $1', [
            occurrence.patternId,
          ]);
        }
      }
      await link(query, sighting, pattern);
      return pattern;
    });
  }

  async findDiagnosis({ id: patternId }: PatternRef, analyst: string): Promise<Diagnosis | null> {
    if (!isUuid(patternId)) return null;
    const pattern = await this.database.entities((manager) =>
      manager.findOne(PatternEntity, {
        where: { id: patternId, diagnosis: { analyst, invalidatedAt: IsNull() } },
        relations: { diagnosis: true },
      }),
    );
    return pattern?.diagnosis ? toDiagnosis(pattern.diagnosis) : null;
  }

  async invalidateDiagnosis({ id: patternId }: PatternRef): Promise<void> {
    if (!isUuid(patternId)) return;
    await this.database.query(
      `UPDATE diagnoses d SET invalidated_at = $2 FROM patterns p
       WHERE p.id = $1 AND d.id = p.diagnosis_id AND d.invalidated_at IS NULL`,
      [patternId, this.database.clock.now()],
    );
  }

  async find(projectId: string, fingerprint: string): Promise<FailurePattern | null> {
    if (!isUuid(projectId)) return null;
    const [row] = await this.database.query<FailurePattern>(
      `SELECT ${COLUMNS} FROM patterns seen JOIN patterns p ON p.id = coalesce(seen.merged_into, seen.id)
       WHERE seen.project_id = $1 AND seen.fingerprint = $2`,
      [projectId, storableText(fingerprint)],
    );
    return row ?? null;
  }
}

/**
 * The pattern, made when it is new, with the occurrence counted unless it is the one that counted it before. A fingerprint
 * that was merged counts for the pattern it went to.
 */
async function count(
  query: Query,
  sighting: PatternSighting,
  countedBy: string | null,
): Promise<FailurePattern> {
  const { projectId, fingerprint, signature, category, seenAt } = sighting;
  const counted = `occurrences = p.occurrences + CASE WHEN p.id = $4 THEN 0 ELSE 1 END,
       first_seen_at = least(p.first_seen_at, $3), last_seen_at = greatest(p.last_seen_at, $3)`;
  // Twice, since a merge may be undone between the two statements.
  for (let tries = 1; tries <= 2; tries++) {
    const [own] = await query<FailurePattern>(
      `INSERT INTO patterns AS p
         (project_id, fingerprint, signature, category, occurrences, first_seen_at, last_seen_at)
       VALUES ($1, $2, $5, $6, 1, $3, $3)
       ON CONFLICT (project_id, fingerprint) DO UPDATE SET category = excluded.category, ${counted}
         WHERE p.merged_into IS NULL
       RETURNING ${COLUMNS}`,
      [projectId, fingerprint, seenAt, countedBy, storableText(signature), category],
    );
    if (own) return own;
    const [target] = await query<FailurePattern>(
      `UPDATE patterns p SET ${counted} FROM patterns source
       WHERE source.project_id = $1 AND source.fingerprint = $2 AND p.id = source.merged_into
       RETURNING ${COLUMNS}`,
      [projectId, fingerprint, seenAt, countedBy],
    );
    if (target) return target;
  }
  throw new PatternNotFound(fingerprint);
}

/** An incident shows the pattern of its latest attempt. */
async function link(query: Query, sighting: PatternSighting, pattern: FailurePattern): Promise<void> {
  const { incidentId, attempt, category, subcategory, determinism, confidence } = sighting;
  await query(
    `UPDATE incidents SET fingerprint = $3, pattern_id = $4, category = $5, subcategory = $6, determinism = $7,
       confidence = $8
     WHERE id = $1 AND latest_attempt = $2`,
    [incidentId, attempt, pattern.fingerprint, pattern.id, category, subcategory, determinism, confidence],
  );
}
