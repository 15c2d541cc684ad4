import type { EventBus, EventChannel, EventPayload, Log } from '@app/domain';
import type { RedisConnection } from '../redis/redis-connection.js';
import { Subscribers } from './subscribers.js';

/**
 * Announcements between processes over Redis' publish/subscribe, on channels named `{prefix}:{channel}`. While Redis
 * is away announcements are lost, which its connection logs; subscriptions stand again as soon as it is back.
 */
export class RedisEventBus implements EventBus {
  private readonly subscribers: Subscribers;
  private readonly listeners = new Map<EventChannel, (text: string) => void>();

  /** @param listening a connection of its own: one that subscribes can do nothing else */
  constructor(
    private readonly publishing: RedisConnection,
    private readonly listening: RedisConnection,
    private readonly prefix: string,
    private readonly log: Log,
  ) {
    this.subscribers = new Subscribers(log);
    this.listening.client.on('ready', () => {
      for (const channel of this.subscribers.channels()) void this.listen(channel);
    });
  }

  async publish(channel: EventChannel, payload: EventPayload): Promise<void> {
    const text = JSON.stringify(payload);
    try {
      await this.publishing.run(() => this.publishing.client.publish(`${this.prefix}:${channel}`, text));
    } catch (error) {
      this.log.debug({ channel, error: (error as Error).message }, 'event_lost');
    }
  }

  async subscribe(
    channel: EventChannel,
    handler: (payload: EventPayload) => void,
  ): Promise<() => Promise<void>> {
    const remove = this.subscribers.add(channel, handler);
    await this.listen(channel);
    return async () => remove();
  }

  /** Does nothing while Redis is away: it is called again when the connection is ready. */
  private async listen(channel: EventChannel): Promise<void> {
    if (!this.listening.connected) return;
    const { client } = this.listening;
    try {
      await this.listening.run(() => client.subscribe(`${this.prefix}:${channel}`, this.listenerOf(channel)));
    } catch (error) {
      this.log.warn({ channel, error: (error as Error).message }, 'event_subscription_failed');
    }
  }

  /** Always the same function for a channel: the client keeps listeners in a set, so that listening again adds none. */
  private listenerOf(channel: EventChannel): (text: string) => void {
    const listener =
      this.listeners.get(channel) ?? ((text: string) => this.subscribers.deliver(channel, text));
    this.listeners.set(channel, listener);
    return listener;
  }
}
