import type { Incident, IncidentRepository, IncidentStatus } from '@app/domain';
import type { AnnounceChanges } from './announce-changes.js';
import type { DispatchWork } from './dispatch-work.js';

/** What a person can do with an incident by hand. */
export const HAND_MOVES = {
  resolve: 'resolved',
  ignore: 'ignored',
  reopen: 'received',
  diagnose: 'received',
} as const satisfies Readonly<Record<string, IncidentStatus>>;
export type HandMove = keyof typeof HAND_MOVES;

export interface HandFacts {
  readonly by: string;
  readonly fresh?: boolean;
}

/** Moves an incident at a person's wish. One that is resolved by hand is not verified: it teaches nothing. */
export class MoveIncident {
  constructor(
    private readonly incidents: IncidentRepository,
    private readonly dispatch: DispatchWork,
    private readonly announce: AnnounceChanges,
  ) {}

  /**
   * @param facts who wanted it, and with `fresh` past everything that was answered before: what the timeline shows
   * @throws IncidentNotFound, IllegalTransition
   */
  async run(incident: Incident, move: HandMove, reason: string, facts: HandFacts): Promise<Incident> {
    const { id, projectId } = incident;
    const to = HAND_MOVES[move];
    const told = move === 'reopen' ? { ...facts, reopened: true } : { ...facts };
    const dispatch = await this.incidents.move(id, to, reason, told);
    if (to === 'received') await this.dispatch.incidents([dispatch]);
    this.announce.moved(id, projectId, to);
    return this.incidents.get(id);
  }
}
