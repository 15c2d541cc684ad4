import { randomUUID } from 'node:crypto';
import {
  ClaimLost,
  PROVEN_WEIGHT,
  type Claim,
  type DiagnosisOutcome,
  type DiagnosisProgress,
  type StepResult,
} from '@app/domain';
import { toIncident } from './in-memory-incident-repository.js';
import { settle } from './run-facts.js';
import { copy, type IncidentRow, type MemoryStore } from './store.js';

export class InMemoryDiagnosisProgress implements DiagnosisProgress {
  constructor(private readonly store: MemoryStore) {}

  async claim(incidentId: string, leaseMs: number): Promise<Claim | null> {
    const row = this.store.incidents.get(incidentId);
    const now = this.store.clock.now();
    const isFree =
      row?.status === 'received' ||
      (row?.status === 'diagnosing' && row.claimUntil!.getTime() <= now.getTime());
    if (!row || !isFree) return null;
    if (row.status === 'received') this.store.move(row, 'diagnosing', null);
    row.claimToken = randomUUID();
    row.claimUntil = new Date(now.getTime() + leaseMs);
    row.updatedAt = now;
    return { incident: toIncident(row), token: row.claimToken };
  }

  async renew(claim: Claim, leaseMs: number): Promise<void> {
    this.held(claim).claimUntil = new Date(this.store.clock.now().getTime() + leaseMs);
  }

  async release(claim: Claim, reason: string): Promise<void> {
    const row = this.held(claim);
    this.store.move(row, 'received', reason);
    row.outboxAt = this.store.clock.now();
  }

  async steps(claim: Claim): Promise<ReadonlyMap<string, StepResult>> {
    return copy(this.held(claim).steps);
  }

  async saveStep(claim: Claim, step: string, result: StepResult): Promise<void> {
    const row = this.held(claim);
    if (!row.steps.has(step)) this.store.addEvent(row.id, 'step', { from: null, to: null }, { step });
    row.steps.set(step, JSON.parse(JSON.stringify(result)) as StepResult);
  }

  async finish(claim: Claim, outcome: DiagnosisOutcome): Promise<{ readonly resolved: boolean }> {
    const row = this.held(claim);
    if (outcome.reused && this.store.invalidated.has(outcome.diagnosisId ?? '')) throw new ClaimLost(row.id);
    this.store.move(row, outcome.status, outcome.reason, { ...outcome.facts, reused: outcome.reused });
    row.diagnosisId = outcome.diagnosisId;
    row.outcomeWeight = 0;
    if (outcome.diagnosisId !== null) this.show(row, outcome.diagnosisId, outcome);
    return { resolved: settle(this.store, [row]).length > 0 };
  }

  private show(row: IncidentRow, diagnosisId: string, outcome: DiagnosisOutcome): void {
    const diagnosis = this.store.diagnoses.get(diagnosisId)!;
    const { category, subcategory, severity, determinism, confidence } = diagnosis.classification;
    Object.assign(row, { category, subcategory, severity, determinism, confidence });
    row.rootCause = diagnosis.rootCause.primaryCause;
    if (diagnosis.rootCause.statedBy === 'person') row.outcomeWeight = PROVEN_WEIGHT;
    const key = `${row.id}:${diagnosisId}`;
    this.store.shown.set(key, {
      reused: outcome.reused,
      citations: copy(outcome.citations),
      at: this.store.shown.get(key)?.at ?? this.store.clock.now(),
    });
  }

  private held(claim: Claim): IncidentRow {
    const row = this.store.incidents.get(claim.incident.id);
    if (row?.status !== 'diagnosing' || row.claimToken !== claim.token)
      throw new ClaimLost(claim.incident.id);
    return row;
  }
}
