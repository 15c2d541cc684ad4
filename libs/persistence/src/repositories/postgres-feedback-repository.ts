import {
  correctionFrom,
  contradicts,
  IncidentNotFound,
  outcomeWeightOf,
  type Correction,
  type Feedback,
  type FeedbackRepository,
  type PatternRef,
} from '@app/domain';
import type { Database } from '../database.js';
import { constraintOf } from '../database-errors.js';
import { storable } from '../storable.js';
import { isUuid } from './uuid.js';

const COLUMNS = `id, project_id AS "projectId", incident_id AS "incidentId", pattern_id AS "patternId",
  diagnosis_id AS "diagnosisId", root_cause AS "rootCause", solution, judged_cause AS "judgedCause",
  judged_solution AS "judgedSolution", actual_cause AS "actualCause", note, given_by AS "givenBy",
  given_at AS "givenAt"`;

export class PostgresFeedbackRepository implements FeedbackRepository {
  constructor(private readonly database: Database) {}

  async record(feedback: Feedback): Promise<PatternRef | null> {
    const { id, projectId, incidentId, patternId, diagnosisId, rootCause, solution, givenAt } = feedback;
    const { judgedCause, judgedSolution, actualCause, note, givenBy } = storable(feedback);
    const facts = { rootCause, solution, actualCause, note, by: givenBy };
    try {
      return await this.database.transaction(async (query) => {
        await query(
          `INSERT INTO feedback (id, project_id, incident_id, pattern_id, diagnosis_id, root_cause, solution,
             judged_cause, judged_solution, actual_cause, note, given_by, given_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
          [
            id,
            projectId,
            incidentId,
            patternId,
            diagnosisId,
            rootCause,
            solution,
            judgedCause,
            judgedSolution,
            actualCause,
            note,
            givenBy,
            givenAt,
          ],
        );
        await query(
          `INSERT INTO incident_events (incident_id, at, kind, facts) VALUES ($1, $2, 'feedback', $3)`,
          [incidentId, givenAt, JSON.stringify(facts)],
        );
        await query('UPDATE incidents SET outcome_weight = $2 WHERE id = $1', [
          incidentId,
          outcomeWeightOf(rootCause, solution),
        ]);
        if (rootCause === 'wrong') {
          await query(
            `UPDATE incidents i SET outcome_weight = -1 FROM diagnoses d
             WHERE d.pattern_id = $1 AND (d.id = $2 OR d.root_cause->>'primaryCause' = $3) AND i.diagnosis_id = d.id`,
            [patternId, diagnosisId, judgedCause],
          );
        }
        if (contradicts(feedback)) {
          await query(
            `UPDATE diagnoses SET invalidated_at = $4
             WHERE pattern_id = $1 AND invalidated_at IS NULL AND (id = $2 OR root_cause->>'primaryCause' = $3)`,
            [patternId, diagnosisId, judgedCause, givenAt],
          );
        }
        const [pattern] = await query<PatternRef>(
          `SELECT id, project_id AS "projectId", fingerprint FROM patterns WHERE id = $1`,
          [patternId],
        );
        return pattern ?? null;
      });
    } catch (error) {
      if (constraintOf(error) === 'feedback_incident_fkey') throw new IncidentNotFound(incidentId ?? '');
      throw error;
    }
  }

  async ofIncident(incidentId: string): Promise<readonly Feedback[]> {
    if (!isUuid(incidentId)) return [];
    return this.database.query<Feedback>(
      `SELECT ${COLUMNS} FROM feedback WHERE incident_id = $1 ORDER BY given_at, id`,
      [incidentId],
    );
  }

  async correctionOf(patternId: string): Promise<Correction | null> {
    if (!isUuid(patternId)) return null;
    const verdicts = await this.database.query<Feedback>(
      `SELECT ${COLUMNS} FROM feedback
       WHERE pattern_id = $1 OR pattern_id IN (SELECT id FROM patterns WHERE merged_into = $1)
       ORDER BY given_at, id`,
      [patternId],
    );
    return correctionFrom(verdicts);
  }
}
