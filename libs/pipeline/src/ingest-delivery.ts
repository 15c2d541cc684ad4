import type { Delivery, DeliveryRepository, Log, RecordedDelivery, Signer } from '@app/domain';
import type { AnnounceChanges } from './announce-changes.js';
import type { DispatchWork } from './dispatch-work.js';

/** The first sequence of a delivery's job; the sweeper's are higher. */
const FIRST_SEQUENCE = 0;

/** Stores a verified delivery with all it means in one transaction; queueing comes after and may fail. */
export class IngestDelivery {
  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly dispatch: DispatchWork,
    private readonly announce: AnnounceChanges,
    private readonly log: Log,
  ) {}

  /**
   * Resolves once everything that must not be lost is committed; queueing goes on in the background.
   * @throws ExternalFailure `database_away`
   */
  async run(delivery: Delivery, signer?: Signer): Promise<RecordedDelivery> {
    const recorded = await this.ofItsProject(delivery.id, await this.deliveries.record(delivery, signer));
    const { duplicate, refused, incidents, resolved, pending } = recorded;
    this.log.info(
      {
        deliveryId: delivery.id,
        githubEvent: delivery.event,
        meaning: delivery.meaning.kind,
        duplicate,
        incidents: incidents.map((incident) => incident.incidentId),
        ...(resolved.length > 0 ? { resolved: resolved.map(({ incidentId }) => incidentId) } : {}),
      },
      refused ? 'delivery_refused' : 'delivery_recorded',
    );
    if (duplicate || refused) return recorded;
    this.announce.opened(incidents);
    this.announce.resolved(resolved);
    void this.dispatch.incidents(incidents.filter((incident) => incident.outcome !== 'known'));
    // A failed run's jobs are asked for at once. Anything else that is wanted is mostly told by an event that comes a
    // moment later: the sweeper asks for what is left. So it does for a replay, whose first job may still be remembered.
    if (pending !== null && delivery.meaning.kind === 'failed_run' && signer?.isReplay !== true)
      void this.dispatch.expandRun(delivery.id, FIRST_SEQUENCE, pending.turn);
    return recorded;
  }

  /** A delivery's id is not signed: what another project's opened is not told to who sends it again. */
  private async ofItsProject(deliveryId: string, recorded: RecordedDelivery): Promise<RecordedDelivery> {
    if (!recorded.duplicate || recorded.incidents.length === 0) return recorded;
    const stored = await this.deliveries.find(deliveryId);
    return stored?.projectId === recorded.projectId ? recorded : { ...recorded, incidents: [] };
  }
}
