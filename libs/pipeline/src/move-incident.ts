import type { Incident, IncidentRepository, IncidentStatus } from '@app/domain';
import type { AnnounceChanges } from './announce-changes.js';
import type { DispatchWork } from './dispatch-work.js';

/** What a person can do with an incident by hand. */
export const HAND_MOVES = {
  resolve: 'resolved',
  ignore: 'ignored',
  reopen: 'received',
} as const satisfies Readonly<Record<string, IncidentStatus>>;
export type HandMove = keyof typeof HAND_MOVES;

/** Moves an incident at a person's wish. One that is resolved by hand is not verified: it teaches nothing. */
export class MoveIncident {
  constructor(
    private readonly incidents: IncidentRepository,
    private readonly dispatch: DispatchWork,
    private readonly announce: AnnounceChanges,
  ) {}

  /**
   * @param by who wanted it, as the timeline shows it
   * @throws IncidentNotFound, IllegalTransition
   */
  async run(incident: Incident, move: HandMove, reason: string, by: string): Promise<Incident> {
    const { id, projectId } = incident;
    const to = HAND_MOVES[move];
    const dispatch = await this.incidents.move(id, to, reason, { by });
    if (to === 'received') await this.dispatch.incidents([dispatch]);
    this.announce.moved(id, projectId, to);
    return this.incidents.get(id);
  }
}
