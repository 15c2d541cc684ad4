import { randomUUID } from 'node:crypto';
import {
  ClaimLost,
  PROVEN_WEIGHT,
  SETTLEABLE,
  sourcesOf,
  type Claim,
  type DiagnosisOutcome,
  type DiagnosisProgress,
  type StepResult,
} from '@app/domain';
import type { Database } from '../database.js';
import { IncidentEntity } from '../entities/incident.entity.js';
import { storable, storableText } from '../storable.js';
import { toIncident } from './incident-mapper.js';
import { isUuid } from './uuid.js';

/** The claim's incident, while the token is the one that holds it: what fences every write. */
const HELD = `id = $1 AND claim_token = $2 AND status = 'diagnosing'`;

/** Every write names the claim's token, so that it can't land after the claim is lost. */
export class PostgresDiagnosisProgress implements DiagnosisProgress {
  constructor(private readonly database: Database) {}

  async claim(incidentId: string, leaseMs: number): Promise<Claim | null> {
    if (!isUuid(incidentId)) return null;
    const now = this.database.clock.now();
    const token = randomUUID();
    const rows = await this.database.query(
      `WITH free AS (
         SELECT id, status FROM incidents
         WHERE id = $1 AND (status = ANY ($5) OR (status = 'diagnosing' AND claim_until <= $3))
         FOR UPDATE
       ), claimed AS (
         UPDATE incidents i
         SET status = 'diagnosing', status_reason = NULL, claim_token = $2, claim_until = $4, updated_at = $3
         FROM free WHERE i.id = free.id
         RETURNING i.id, free.status AS from_status
       ), noted AS (
         INSERT INTO incident_events (incident_id, at, kind, from_status, to_status, facts)
         SELECT id, $3, 'moved', from_status, 'diagnosing', '{}' FROM claimed WHERE from_status <> 'diagnosing'
       )
       SELECT id FROM claimed`,
      [incidentId, token, now, later(now, leaseMs), sourcesOf('diagnosing')],
    );
    if (rows.length === 0) return null;
    const row = await this.database.entities((manager) =>
      manager.findOneOrFail(IncidentEntity, { where: { id: incidentId }, relations: { project: true } }),
    );
    return { incident: toIncident(row), token };
  }

  async renew(claim: Claim, leaseMs: number): Promise<void> {
    await this.write(claim, `UPDATE incidents SET claim_until = $3 WHERE ${HELD} RETURNING id`, [
      later(this.database.clock.now(), leaseMs),
    ]);
  }

  async release(claim: Claim, reason: string): Promise<void> {
    await this.write(
      claim,
      `WITH released AS (
         UPDATE incidents
         SET status = 'received', status_reason = $4, claim_token = NULL, claim_until = NULL, updated_at = $3,
           outbox_at = $3
         WHERE ${HELD} RETURNING id
       ), noted AS (
         INSERT INTO incident_events (incident_id, at, kind, from_status, to_status, facts)
         SELECT id, $3, 'moved', 'diagnosing', 'received', jsonb_build_object('reason', $4::text) FROM released
       )
       SELECT id FROM released`,
      [this.database.clock.now(), storableText(reason)],
    );
  }

  async steps(claim: Claim): Promise<ReadonlyMap<string, StepResult>> {
    const rows = await this.database.query<{ step: string | null; result: StepResult }>(
      `SELECT step, result FROM (SELECT id FROM incidents WHERE ${HELD}) AS held
       LEFT JOIN diagnosis_steps ON incident_id = held.id`,
      [claim.incident.id, claim.token],
    );
    if (rows.length === 0) throw new ClaimLost(claim.incident.id);
    return new Map(rows.flatMap(({ step, result }) => (step === null ? [] : [[step, result]])));
  }

  async saveStep(claim: Claim, step: string, result: StepResult): Promise<void> {
    await this.write(
      claim,
      `WITH held AS (
         SELECT id FROM incidents WHERE ${HELD} FOR NO KEY UPDATE
       ), saved AS (
         INSERT INTO diagnosis_steps (incident_id, step, result, saved_at) SELECT id, $4, $5, $3 FROM held
         ON CONFLICT (incident_id, step) DO UPDATE SET result = excluded.result, saved_at = excluded.saved_at
         RETURNING incident_id, xmax = 0 AS is_new
       ), noted AS (
         INSERT INTO incident_events (incident_id, at, kind, facts)
         SELECT incident_id, $3, 'step', jsonb_build_object('step', $4::text) FROM saved WHERE is_new
       )
       SELECT id FROM held`,
      [this.database.clock.now(), storableText(step), JSON.stringify(storable(result))],
    );
  }

  async finish(claim: Claim, outcome: DiagnosisOutcome): Promise<{ readonly resolved: boolean }> {
    const { status, reason, diagnosisId, citations, reused } = outcome;
    const facts = { ...outcome.facts, reused, ...(reason === null ? {} : { reason }) };
    const ended = await this.database.transaction(async (query) => {
      const rows = await query(
        `WITH ended AS (
         UPDATE incidents i
         SET status = $4, status_reason = $5, claim_token = NULL, claim_until = NULL, updated_at = $3,
           diagnosis_id = $6,
           category = CASE WHEN d.id IS NULL THEN i.category ELSE d.classification->>'category' END,
           subcategory = CASE WHEN d.id IS NULL THEN i.subcategory ELSE d.classification->>'subcategory' END,
           severity = CASE WHEN d.id IS NULL THEN i.severity ELSE d.classification->>'severity' END,
           determinism = CASE WHEN d.id IS NULL THEN i.determinism ELSE d.classification->>'determinism' END,
           confidence = CASE WHEN d.id IS NULL THEN i.confidence
             ELSE (d.classification->>'confidence')::double precision END,
           -- Of what was judged, nothing holds for another diagnosis; a person's own cause is proven.
           outcome_weight = CASE WHEN d.root_cause->>'statedBy' = 'person' THEN $11::real ELSE 0 END,
           root_cause = CASE WHEN d.id IS NULL THEN i.root_cause ELSE d.root_cause->>'primaryCause' END
         FROM (SELECT) AS always LEFT JOIN diagnoses d ON d.id = $6
         WHERE i.id = $1 AND i.claim_token = $2 AND i.status = ANY ($7)
           -- Called wrong meanwhile: whoever takes the incident next makes another.
           AND NOT ($8 AND d.invalidated_at IS NOT NULL)
         RETURNING i.id
       ), shown AS (
         INSERT INTO incident_diagnoses (incident_id, diagnosis_id, reused, citations, created_at)
         SELECT id, $6, $8, $9, $3 FROM ended WHERE $6::uuid IS NOT NULL
         ON CONFLICT (incident_id, diagnosis_id)
         DO UPDATE SET reused = excluded.reused, citations = excluded.citations
       ), noted AS (
         INSERT INTO incident_events (incident_id, at, kind, from_status, to_status, facts)
         SELECT id, $3, 'moved', 'diagnosing', $4, $10 FROM ended
       )
       SELECT id FROM ended`,
        [
          claim.incident.id,
          claim.token,
          this.database.clock.now(),
          status,
          storable(reason),
          diagnosisId,
          sourcesOf(status),
          reused,
          JSON.stringify(storable(citations)),
          JSON.stringify(storable(facts)),
          PROVEN_WEIGHT,
        ],
      );
      if (rows.length === 0) return null;
      const [settled] = await query<{ resolved: readonly unknown[] }>(
        'SELECT settle_incidents(ARRAY[$1::uuid], $2, $3) AS resolved',
        [claim.incident.id, this.database.clock.now(), SETTLEABLE],
      );
      return { resolved: settled!.resolved.length > 0 };
    });
    if (!ended) throw new ClaimLost(claim.incident.id);
    return ended;
  }

  /** Runs a statement that gives a row while the claim holds. @throws ClaimLost */
  private async write(claim: Claim, sql: string, parameters: readonly unknown[]): Promise<void> {
    const rows = await this.database.query(sql, [claim.incident.id, claim.token, ...parameters]);
    if (rows.length === 0) throw new ClaimLost(claim.incident.id);
  }
}

function later(from: Date, ms: number): Date {
  return new Date(from.getTime() + ms);
}
