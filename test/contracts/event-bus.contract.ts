import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventBus, EventPayload } from '@app/domain';

/** Two ends of one bus: of two processes, or twice the same where there is only one. */
export interface EventBusUnderTest {
  readonly here: EventBus;
  readonly there: EventBus;
  close(): Promise<void>;
}

const OPENED = 'events:incident_opened';
const DONE = 'events:ai_analysis_completed';

interface Ears {
  readonly events: EventPayload[];
  readonly hear: (payload: EventPayload) => void;
}

function heard(): Ears {
  const events: EventPayload[] = [];
  return { events, hear: (payload) => void events.push(payload) };
}

function untilHeard(events: readonly EventPayload[], count: number): Promise<void> {
  return vi.waitFor(() => expect(events).toHaveLength(count), { timeout: 10_000, interval: 5 });
}

/** What every EventBus does. */
export function eventBusContract(name: string, create: () => Promise<EventBusUnderTest>): void {
  describe(`EventBus: ${name}`, () => {
    let sut: EventBusUnderTest;
    beforeEach(async () => {
      sut = await create();
    });

    afterEach(() => sut.close());

    it('delivers to everybody who listens, here and there, in order', async () => {
      const [a, b] = [heard(), heard()];
      await sut.here.subscribe(OPENED, a.hear);
      await sut.there.subscribe(OPENED, b.hear);
      for (let n = 0; n < 20; n += 1) await sut.there.publish(OPENED, { n });
      await untilHeard(a.events, 20);
      await untilHeard(b.events, 20);
      expect(a.events.map(({ n }) => n)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    });

    it('keeps channels apart', async () => {
      const [opened, done] = [heard(), heard()];
      await sut.here.subscribe(OPENED, opened.hear);
      await sut.here.subscribe(DONE, done.hear);
      await sut.there.publish(DONE, { incidentId: '1' });
      await sut.there.publish(OPENED, { incidentId: '2' });
      await untilHeard(opened.events, 1);
      await untilHeard(done.events, 1);
      expect(opened.events).toEqual([{ incidentId: '2' }]);
    });

    it('delivers payloads as JSON brings them, a copy for everybody', async () => {
      const [a, b] = [heard(), heard()];
      await sut.here.subscribe(OPENED, (payload) => {
        (payload['list'] as number[]).push(2);
        a.hear(payload);
      });
      await sut.here.subscribe(OPENED, b.hear);
      await sut.here.publish(OPENED, { at: new Date(0), list: [1] });
      await untilHeard(b.events, 1);
      await untilHeard(a.events, 1);
      expect(b.events).toEqual([{ at: '1970-01-01T00:00:00.000Z', list: [1] }]);
    });

    it('goes on when a listener throws', async () => {
      const good = heard();
      await sut.here.subscribe(OPENED, () => {
        throw new Error('broken page');
      });
      await sut.here.subscribe(OPENED, good.hear);
      await sut.here.publish(OPENED, { n: 1 });
      await sut.here.publish(OPENED, { n: 2 });
      await untilHeard(good.events, 2);
      expect(good.events).toEqual([{ n: 1 }, { n: 2 }]);
    });

    it('delivers nothing more to who has left, and leaves the others alone', async () => {
      const [gone, stays] = [heard(), heard()];
      const leave = await sut.here.subscribe(OPENED, gone.hear);
      await sut.here.subscribe(OPENED, stays.hear);
      await sut.here.publish(OPENED, { n: 1 });
      await untilHeard(stays.events, 1);
      await leave();
      await sut.here.publish(OPENED, { n: 2 });
      await untilHeard(stays.events, 2);
      expect(gone.events).toEqual([{ n: 1 }]);
    });

    it('publishes to nobody without complaint', async () => {
      await expect(sut.here.publish(DONE, {})).resolves.toBeUndefined();
    });
  });
}
