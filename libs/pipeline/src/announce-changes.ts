import type { EventBus, EventChannel, EventPayload, Log, ResolvedIncident } from '@app/domain';
import type { InvalidateViews } from './invalidate-views.js';

/** Tells the other processes and the caches what has changed about incidents. Never throws: it is told after the commit. */
export class AnnounceChanges {
  constructor(
    private readonly bus: EventBus,
    private readonly views: InvalidateViews,
    private readonly log: Log,
  ) {}

  /** @param projectId null where it isn't known: the overviews alone are dropped */
  opened(projectId: string | null): void {
    this.views.incidentsChanged(projectId === null ? [] : [projectId]);
  }

  /** A later passing run proved these repaired. */
  resolved(incidents: readonly ResolvedIncident[]): void {
    if (incidents.length === 0) return;
    this.views.incidentsChanged(incidents.map(({ projectId }) => projectId));
    this.views.resolutionVerified();
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
    this.views.incidentsChanged([projectId]);
    this.publish('events:remediation_updated', { incidentId, projectId, status, verified: false });
  }

  diagnosed(incidentId: string, projectId: string, outcome: { status: string; reused: boolean }): void {
    this.views.incidentsChanged([projectId]);
    this.publish('events:ai_analysis_completed', { incidentId, ...outcome });
  }

  pushed(projectId: string | null): void {
    if (projectId !== null) this.views.filesChanged(projectId);
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
