import {
  IncidentNotFound,
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

const COLUMNS = `id, project_id AS "projectId", fingerprint, signature, category, occurrences,
  first_seen_at AS "firstSeenAt", last_seen_at AS "lastSeenAt", diagnosis_id AS "diagnosisId"`;

export class PostgresPatternRepository implements PatternRepository {
  constructor(private readonly database: Database) {}

  async recordSighting(sighting: PatternSighting): Promise<FailurePattern> {
    const { incidentId, attempt, fingerprint } = sighting;
    if (!isUuid(incidentId)) throw new IncidentNotFound(incidentId);
    return this.database.transaction(async (query) => {
      const [occurrence] = await query<{ patternId: string | null }>(
        `SELECT pattern_id AS "patternId" FROM occurrences WHERE incident_id = $1 AND attempt = $2 FOR UPDATE`,
        [incidentId, attempt],
      );
      if (!occurrence) throw new IncidentNotFound(incidentId);

      const pattern = await count(query, sighting, occurrence.patternId);
      if (occurrence.patternId !== pattern.id) {
        await query(
          'UPDATE occurrences SET pattern_id = $3, fingerprint = $4 WHERE incident_id = $1 AND attempt = $2',
          [incidentId, attempt, pattern.id, fingerprint],
        );
        // A changed analysis moves the occurrence to its new pattern: it is still one.
        if (occurrence.patternId !== null) {
          await query('UPDATE patterns SET occurrences = occurrences - 1 WHERE id = $1', [
            occurrence.patternId,
          ]);
        }
      }
      await link(query, sighting, pattern.id);
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
      `SELECT ${COLUMNS} FROM patterns WHERE project_id = $1 AND fingerprint = $2`,
      [projectId, storableText(fingerprint)],
    );
    return row ?? null;
  }
}

/** The pattern, made when it is new, with the occurrence counted unless it is the one that counted it before. */
async function count(
  query: Query,
  sighting: PatternSighting,
  countedBy: string | null,
): Promise<FailurePattern> {
  const { projectId, fingerprint, signature, category, seenAt } = sighting;
  const [pattern] = await query<FailurePattern>(
    `INSERT INTO patterns AS p
       (project_id, fingerprint, signature, category, occurrences, first_seen_at, last_seen_at)
     VALUES ($1, $2, $3, $4, 1, $5, $5)
     ON CONFLICT (project_id, fingerprint) DO UPDATE SET
       category = excluded.category,
       occurrences = p.occurrences + CASE WHEN p.id = $6 THEN 0 ELSE 1 END,
       first_seen_at = least(p.first_seen_at, excluded.first_seen_at),
       last_seen_at = greatest(p.last_seen_at, excluded.last_seen_at)
     RETURNING ${COLUMNS}`,
    [projectId, fingerprint, storableText(signature), category, seenAt, countedBy],
  );
  return pattern!;
}

/** An incident shows the pattern of its latest attempt. */
async function link(query: Query, sighting: PatternSighting, patternId: string): Promise<void> {
  const { incidentId, attempt, fingerprint, category, subcategory, determinism, confidence } = sighting;
  await query(
    `UPDATE incidents SET fingerprint = $3, pattern_id = $4, category = $5, subcategory = $6, determinism = $7,
       confidence = $8
     WHERE id = $1 AND latest_attempt = $2`,
    [incidentId, attempt, fingerprint, patternId, category, subcategory, determinism, confidence],
  );
}
