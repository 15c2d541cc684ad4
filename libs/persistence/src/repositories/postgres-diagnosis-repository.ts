import {
  IncidentNotFound,
  InvalidInput,
  type Diagnosis,
  type DiagnosisRepository,
  type FallbackQuery,
  type IncidentDiagnosis,
  type PatternRef,
} from '@app/domain';
import type { Database } from '../database.js';
import { constraintOf } from '../database-errors.js';
import { IncidentDiagnosisEntity } from '../entities/incident-diagnosis.entity.js';
import { storable } from '../storable.js';
import { toDiagnosis } from './diagnosis-mapper.js';
import { isUuid } from './uuid.js';

export class PostgresDiagnosisRepository implements DiagnosisRepository {
  constructor(private readonly database: Database) {}

  async save(diagnosis: Diagnosis): Promise<PatternRef> {
    const { id, projectId, patternId, incidentId, analyst, source, state, fallbackReason } = diagnosis;
    const { classification, rootCause, solution, validation, costUsd, modelCalls, createdAt } = diagnosis;
    try {
      const [pattern] = await this.database.query<PatternRef>(
        `WITH saved AS (
           INSERT INTO diagnoses (id, project_id, pattern_id, incident_id, analyst, source, state, classification,
             root_cause, solution, validation, cost_usd, model_calls, created_at, fallback_reason)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
           ON CONFLICT (id) DO UPDATE SET state = excluded.state, classification = excluded.classification,
             root_cause = excluded.root_cause, solution = excluded.solution, validation = excluded.validation,
             cost_usd = excluded.cost_usd, model_calls = excluded.model_calls, created_at = excluded.created_at,
             source = excluded.source, fallback_reason = excluded.fallback_reason, invalidated_at = NULL
           RETURNING id, pattern_id
         )
         UPDATE patterns p SET diagnosis_id = saved.id FROM saved WHERE p.id = saved.pattern_id
         RETURNING p.id, p.project_id AS "projectId", p.fingerprint`,
        [
          id,
          projectId,
          patternId,
          incidentId,
          analyst,
          source,
          state,
          json(classification),
          json(rootCause),
          json(solution),
          json(validation),
          costUsd,
          modelCalls,
          createdAt,
          storable(fallbackReason),
        ],
      );
      return pattern!;
    } catch (error) {
      if (constraintOf(error) === 'diagnoses_incident_fkey') throw new IncidentNotFound(incidentId);
      if (constraintOf(error) === 'diagnoses_pattern_fkey')
        throw new InvalidInput(`No failure pattern ${patternId}.`);
      throw error;
    }
  }

  async ofIncident(incidentId: string): Promise<IncidentDiagnosis | null> {
    if (!isUuid(incidentId)) return null;
    const row = await this.database.entities((manager) =>
      manager
        .createQueryBuilder(IncidentDiagnosisEntity, 'shown')
        .innerJoinAndSelect('shown.diagnosis', 'diagnosis')
        .innerJoin('shown.incident', 'incident', 'incident.diagnosisId = shown.diagnosisId')
        .where('shown.incidentId = :incidentId', { incidentId })
        .getOne(),
    );
    if (!row) return null;
    const { diagnosis, reused, citations } = row;
    return {
      diagnosis: toDiagnosis(diagnosis),
      reused,
      citations,
      contradicted: diagnosis.invalidatedAt !== null,
    };
  }

  async fellBack(query: FallbackQuery): Promise<readonly string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT i.id FROM diagnoses d JOIN incidents i ON i.diagnosis_id = d.id
       WHERE d.fallback_reason IS NOT NULL AND split_part(d.fallback_reason, ':', 1) = ANY ($1)
         AND d.created_at < $2 AND i.status = 'diagnosed'
         AND (SELECT count(*) FROM incident_events e
           WHERE e.incident_id = i.id AND e.kind = 'moved' AND e.facts->>'cause' = $3) < $4
       ORDER BY d.created_at, i.id LIMIT $5`,
      [query.codes, query.madeBefore, query.offer, query.maxOffers, query.limit],
    );
    return rows.map(({ id }) => id);
  }
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(storable(value));
}
