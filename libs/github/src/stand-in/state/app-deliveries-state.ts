import { randomUUID } from 'node:crypto';
import { signedDelivery } from '../signed-delivery.js';

/** Where the App's webhooks go. */
export interface AppHook {
  readonly url: string;
  readonly secret: string;
}

/** One try to deliver a webhook of the App. */
export interface AppDeliveryState {
  readonly id: number;
  /** The same for every try: `X-GitHub-Delivery`. */
  readonly guid: string;
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly deliveredAt: Date;
  readonly redelivery: boolean;
  /** The status that came back; 502 when nothing did. */
  readonly statusCode: number;
}

/** The webhooks of the App: each is sent once, and again only when somebody asks. The newest is first. */
export class AppDeliveriesState {
  hook: AppHook | null = null;
  readonly tries: AppDeliveryState[] = [];
  private lastId = 700_000_000_000;

  /** Sends a webhook and notes what came of it. Answers its `X-GitHub-Delivery`. */
  async deliver(event: string, payload: Readonly<Record<string, unknown>>): Promise<string> {
    return (await this.send({ event, payload, guid: randomUUID(), redelivery: false })).guid;
  }

  /** Sends a delivery again, under the same name. Null for one that never was. */
  async redeliver(id: number): Promise<AppDeliveryState | null> {
    const before = this.tries.find((one) => one.id === id);
    return before ? this.send({ ...before, redelivery: true }) : null;
  }

  private async send(
    told: Pick<AppDeliveryState, 'event' | 'payload' | 'guid' | 'redelivery'>,
  ): Promise<AppDeliveryState> {
    const { event, payload, guid, redelivery } = told;
    const deliveredAt = new Date();
    this.lastId += 1;
    const id = this.lastId;
    const { headers, body } = signedDelivery(event, payload, this.hook?.secret ?? '', guid);
    const answer =
      this.hook && (await fetch(this.hook.url, { method: 'POST', headers, body }).catch(() => null));
    await answer?.body?.cancel();
    const tried = { id, guid, event, payload, deliveredAt, redelivery, statusCode: answer?.status ?? 502 };
    this.tries.unshift(tried);
    return tried;
  }
}
