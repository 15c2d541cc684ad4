import type { EventBus, EventChannel, EventPayload } from '@app/domain';

/** Delivers within the process and remembers what was published. Held to the event-bus contract. */
export class FakeEventBus implements EventBus {
  readonly published: { readonly channel: EventChannel; readonly payload: EventPayload }[] = [];
  private readonly handlers = new Map<EventChannel, Set<(payload: EventPayload) => void>>();

  async publish(channel: EventChannel, payload: EventPayload): Promise<void> {
    const text = JSON.stringify(payload);
    this.published.push({ channel, payload: JSON.parse(text) as EventPayload });
    for (const handler of this.handlers.get(channel) ?? []) {
      try {
        handler(JSON.parse(text) as EventPayload);
      } catch {
        // One subscriber's trouble is none of the others' or of the publisher.
      }
    }
  }

  async subscribe(
    channel: EventChannel,
    handler: (payload: EventPayload) => void,
  ): Promise<() => Promise<void>> {
    const own = (payload: EventPayload): void => handler(payload);
    const handlers = this.handlers.get(channel) ?? new Set();
    this.handlers.set(channel, handlers.add(own));
    return async () => void handlers.delete(own);
  }

  /** Payloads published on a channel, the oldest first. */
  on(channel: EventChannel): readonly EventPayload[] {
    return this.published.filter((event) => event.channel === channel).map((event) => event.payload);
  }
}
