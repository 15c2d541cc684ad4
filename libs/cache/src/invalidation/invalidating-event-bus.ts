import type { EventBus, EventChannel, EventPayload } from '@app/domain';
import type { CacheInvalidations } from './cache-invalidations.js';

/** What is announced of incidents, always after it was committed. */
const OF_INCIDENTS: readonly EventChannel[] = [
  'events:incident_opened',
  'events:ai_analysis_completed',
  'events:remediation_updated',
];

/**
 * Invalidates what an announcement makes old, in the process that announces it and whether or not the announcement
 * arrives anywhere: so no use case can forget one of both.
 */
export class InvalidatingEventBus implements EventBus {
  constructor(
    private readonly inner: EventBus,
    private readonly invalidations: CacheInvalidations,
  ) {}

  publish(channel: EventChannel, payload: EventPayload): Promise<void> {
    if (OF_INCIDENTS.includes(channel)) this.invalidations.incidentsChanged();
    return this.inner.publish(channel, payload);
  }

  subscribe(channel: EventChannel, handler: (payload: EventPayload) => void): Promise<() => Promise<void>> {
    return this.inner.subscribe(channel, handler);
  }
}
