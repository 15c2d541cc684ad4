import { randomUUID } from 'node:crypto';
import { inject, vi } from 'vitest';
import { createCoordination } from '@app/cache';
import { loadConfig } from '@app/config';
import { FakeEventBus } from '../fakes/fake-event-bus.js';
import { silentLog } from '../fakes/recording-log.js';
import { eventBusContract } from './event-bus.contract.js';

eventBusContract('fake', async () => {
  const bus = new FakeEventBus();
  return { here: bus, there: bus, close: async () => undefined };
});

eventBusContract('in process', async () => {
  const { eventBus, close } = createCoordination(loadConfig({}), silentLog());
  return { here: eventBus, there: eventBus, close };
});

eventBusContract('Redis', async () => {
  const config = loadConfig({ REDIS_URL: inject('redisUrl'), CACHE_PREFIX: `test-${randomUUID()}` });
  const ends = [createCoordination(config, silentLog()), createCoordination(config, silentLog())] as const;
  for (const { eventBus } of ends) await untilConnected(eventBus);
  return {
    here: ends[0].eventBus,
    there: ends[1].eventBus,
    close: async () => void (await Promise.all(ends.map((end) => end.close()))),
  };
});

/** Announcements are lost until both connections stand. */
async function untilConnected(
  bus: FakeEventBus | ReturnType<typeof createCoordination>['eventBus'],
): Promise<void> {
  let heard = false;
  const leave = await bus.subscribe('system:quota_warning', () => void (heard = true));
  await vi.waitFor(
    async () => {
      await bus.publish('system:quota_warning', {});
      if (!heard) throw new Error('The bus is not connected.');
    },
    { timeout: 10_000 },
  );
  await leave();
}
