import { IllegalTransition } from './errors.js';

export const INCIDENT_STATUSES = [
  'received',
  'diagnosing',
  'diagnosed',
  'awaiting_approval',
  'remediating',
  'verifying',
  'resolved',
  'diagnosis_failed',
  'escalated',
  'ignored',
] as const;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

/** Every legal move. `received` is reachable from everywhere: that is reopening, by a later attempt or by hand. */
const MOVES: Readonly<Record<IncidentStatus, readonly IncidentStatus[]>> = {
  received: ['diagnosing', 'resolved', 'ignored'],
  diagnosing: ['diagnosed', 'diagnosis_failed', 'received', 'resolved', 'ignored'],
  diagnosed: ['awaiting_approval', 'remediating', 'escalated', 'resolved', 'ignored', 'received'],
  awaiting_approval: ['remediating', 'diagnosed', 'escalated', 'resolved', 'ignored', 'received'],
  remediating: ['verifying', 'diagnosed', 'escalated', 'resolved', 'received'],
  verifying: ['resolved', 'diagnosed', 'escalated', 'received'],
  resolved: ['received'],
  diagnosis_failed: ['received', 'escalated', 'resolved', 'ignored'],
  escalated: ['received', 'resolved', 'ignored'],
  ignored: ['received'],
};

export function canMove(from: IncidentStatus, to: IncidentStatus): boolean {
  return MOVES[from].includes(to);
}

/** @throws IllegalTransition */
export function assertMove(from: IncidentStatus, to: IncidentStatus): void {
  if (!canMove(from, to)) throw new IllegalTransition(from, to);
}

/** The statuses from which `to` is reached; what a repository puts into its `WHERE`. */
export function sourcesOf(to: IncidentStatus): readonly IncidentStatus[] {
  return INCIDENT_STATUSES.filter((from) => canMove(from, to));
}

/**
 * The statuses that a proof of repair ends. One that waits for its diagnosis is diagnosed first: what failed is worth
 * knowing although it passes again. What a person ignored stays ignored.
 */
export const SETTLEABLE: readonly IncidentStatus[] = sourcesOf('resolved').filter(
  (status) => status !== 'received' && status !== 'diagnosing',
);
