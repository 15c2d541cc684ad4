import type {
  EventBus,
  EventChannel,
  EventPayload,
  Log,
  OpenedIncident,
  ResolvedIncident,
} from '@app/domain';
import type { InvalidateViews } from './invalidate-views.js';

/** Tells the other processes and the caches what has changed about incidents. Never throws: it is told after the commit. */
export class AnnounceChanges {
  constructor(
    private readonly bus: EventBus,
    private readonly views: InvalidateViews,
    private readonly log: Log,
  ) {}

  /** Incidents were opened, or reopened by a later failure. */
  opened(incidents: readonly OpenedIncident[]): void {
    if (incidents.length === 0) return;
    this.views.incidentsChanged();
    if (incidents.some(({ outcome }) => outcome === 'reopened')) this.views.resolutionsChanged();
  }

  /** A later passing run proved these repaired. */
  resolved(incidents: readonly ResolvedIncident[]): void {
    if (incidents.length === 0) return;
    this.views.incidentsChanged();
    this.views.resolutionsChanged();
    for (const { incidentId, projectId } of incidents)
      this.publish('events:remediation_updated', {
        incidentId,
        projectId,
        status: 'resolved',
        verified: true,
      });
  }

  /** Somebody moved an incident by hand. */
  moved(incidentId: string, projectId: string, status: string): void {
    this.views.incidentsChanged();
    this.views.resolutionsChanged();
    this.publish('events:remediation_updated', { incidentId, projectId, status, verified: false });
  }

  diagnosed(incidentId: string, outcome: { status: string; reused: boolean }): void {
    this.views.incidentsChanged();
    this.publish('events:ai_analysis_completed', { incidentId, ...outcome });
  }

  private publish(channel: EventChannel, payload: EventPayload): void {
    this.bus
      .publish(channel, payload)
      .catch((error: unknown) =>
        this.log.warn(
          { channel, error: error instanceof Error ? error.message : String(error) },
          'event_publish_failed',
        ),
      );
  }
}
