export const EVENT_CHANNELS = [
  'events:incident_opened',
  'events:ai_analysis_completed',
  'events:remediation_updated',
  'events:version_promoted',
  'system:cache_invalidation',
  'system:quota_warning',
] as const;
export type EventChannel = (typeof EVENT_CHANNELS)[number];

export type EventPayload = Readonly<Record<string, unknown>>;

/** Best-effort announcements between processes: a lost event loses a notification, never state. */
export abstract class EventBus {
  abstract publish(channel: EventChannel, payload: EventPayload): Promise<void>;
  /** Returns what ends the subscription. */
  abstract subscribe(
    channel: EventChannel,
    handler: (payload: EventPayload) => void,
  ): Promise<() => Promise<void>>;
}
