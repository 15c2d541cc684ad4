import type { EventBus, EventChannel, EventPayload, Log } from '@app/domain';
import { Subscribers } from './subscribers.js';

/** Announcements within one process: what serves when no Redis is configured. */
export class InProcessEventBus implements EventBus {
  private readonly subscribers: Subscribers;

  constructor(log: Log) {
    this.subscribers = new Subscribers(log);
  }

  async publish(channel: EventChannel, payload: EventPayload): Promise<void> {
    this.subscribers.deliver(channel, JSON.stringify(payload));
  }

  async subscribe(
    channel: EventChannel,
    handler: (payload: EventPayload) => void,
  ): Promise<() => Promise<void>> {
    const remove = this.subscribers.add(channel, handler);
    return async () => remove();
  }
}
