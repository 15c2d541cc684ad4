import type { Delivery, DeliveryRepository, Log, RecordedDelivery } from '@app/domain';
import type { DispatchWork } from './dispatch-work.js';

/** The first sequence of a delivery's job; the sweeper's are higher. */
const FIRST_SEQUENCE = 0;

/** Stores a verified delivery with the incidents it opens in one transaction; queueing comes after and may fail. */
export class IngestDelivery {
  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly dispatch: DispatchWork,
    private readonly log: Log,
  ) {}

  /**
   * Resolves once everything that must not be lost is committed; queueing goes on in the background.
   * @throws ExternalFailure `database_away`
   */
  async run(delivery: Delivery): Promise<RecordedDelivery> {
    const recorded = await this.deliveries.record(delivery);
    this.log.info(
      {
        deliveryId: delivery.id,
        githubEvent: delivery.event,
        meaning: delivery.meaning.kind,
        duplicate: recorded.duplicate,
        incidents: recorded.incidents.map((incident) => incident.incidentId),
      },
      'delivery_recorded',
    );
    if (!recorded.duplicate) {
      void this.dispatch.incidents(recorded.incidents.filter((incident) => incident.outcome !== 'known'));
      if (delivery.meaning.kind === 'failed_run') void this.dispatch.expandRun(delivery.id, FIRST_SEQUENCE);
    }
    return recorded;
  }
}
