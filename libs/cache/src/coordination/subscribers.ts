import type { EventChannel, EventPayload, Log } from '@app/domain';

type Handler = (payload: EventPayload) => void;

/** Who listens to what in this process. Every handler gets a payload of its own, as text brings it. */
export class Subscribers {
  private readonly handlers = new Map<EventChannel, Set<Handler>>();

  constructor(private readonly log: Log) {}

  /** Returns what removes the handler. */
  add(channel: EventChannel, handler: Handler): () => void {
    // Wrapped, so that one function may subscribe twice and leave once.
    const own: Handler = (payload) => handler(payload);
    const handlers = this.handlers.get(channel) ?? new Set();
    this.handlers.set(channel, handlers.add(own));
    return () => void handlers.delete(own);
  }

  has(channel: EventChannel): boolean {
    return (this.handlers.get(channel)?.size ?? 0) > 0;
  }

  channels(): readonly EventChannel[] {
    return [...this.handlers.keys()].filter((channel) => this.has(channel));
  }

  /** @param text the payload as JSON */
  deliver(channel: EventChannel, text: string): void {
    for (const handler of this.handlers.get(channel) ?? []) {
      try {
        handler(JSON.parse(text) as EventPayload);
      } catch (error) {
        // One subscriber's trouble is none of the others'.
        this.log.error({ channel, error: (error as Error).message }, 'event_handler_failed');
      }
    }
  }
}
