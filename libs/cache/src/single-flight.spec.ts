import { describe, expect, it } from 'vitest';
import { SingleFlight, type Flight } from './single-flight.js';

describe('SingleFlight', () => {
  it('shares one run among callers of a name, errors too, and runs again afterwards', async () => {
    const flights = new SingleFlight();
    let runs = 0;
    const fail = async (): Promise<never> => {
      runs += 1;
      throw new Error('no');
    };
    const outcomes = await Promise.allSettled([flights.run('a', fail), flights.run('a', fail)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(runs).toBe(1);
    await expect(flights.run('a', async () => 2)).resolves.toBe(2);
  });

  it('tells a run that it is obsolete, and lets nobody join it any more', async () => {
    const flights = new SingleFlight();
    const gate = Promise.withResolvers<void>();
    let seen: Flight | undefined;
    const first = flights.run('a', async (flight) => {
      seen = flight;
      await gate.promise;
      return 1;
    });
    flights.invalidate((name) => name === 'b');
    expect(seen!.obsolete).toBe(false);
    flights.invalidate((name) => name === 'a');
    expect(seen!.obsolete).toBe(true);
    const second = flights.run('a', async () => 2);
    gate.resolve();
    expect(await Promise.all([first, second])).toEqual([1, 2]);
  });

  it('does not forget a newer run when an obsolete one ends', async () => {
    const flights = new SingleFlight();
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    const old = flights.run('a', () => gates[0].promise.then(() => 1));
    flights.invalidate(() => true);
    const newer = flights.run('a', () => gates[1].promise.then(() => 2));
    gates[0].resolve();
    await old;
    const joined = flights.run('a', async () => 3);
    gates[1].resolve();
    expect(await Promise.all([newer, joined])).toEqual([2, 2]);
  });
});
