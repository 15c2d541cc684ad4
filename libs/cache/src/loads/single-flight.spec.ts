import { describe, expect, it } from 'vitest';
import { Readings, type Reading } from '../tiers/readings.js';
import { SingleFlight } from './single-flight.js';

const open = () => {
  const readings = new Readings();
  return { readings, flights: new SingleFlight(readings) };
};

describe('SingleFlight', () => {
  it('shares one run among callers of a name, errors too, and runs again afterwards', async () => {
    const { flights } = open();
    let runs = 0;
    const fail = async (): Promise<never> => {
      runs += 1;
      throw new Error('no');
    };
    const [first, second] = [flights.run('a', fail), flights.run('a', fail)];
    expect([first.joined, second.joined]).toEqual([false, true]);
    const outcomes = await Promise.allSettled([first.outcome, second.outcome]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(runs).toBe(1);
    await expect(flights.run('a', async () => 2).outcome).resolves.toBe(2);
  });

  it('tells a run that it is obsolete, and lets nobody join it any more', async () => {
    const { flights, readings } = open();
    const gate = Promise.withResolvers<void>();
    let seen: Reading | undefined;
    const first = flights.run('a', async (reading) => {
      seen = reading;
      await gate.promise;
      return 1;
    });
    readings.invalidate('b');
    expect(seen!.obsolete).toBe(false);
    readings.invalidateMatching((name) => name === 'a');
    expect(seen!.obsolete).toBe(true);
    const second = flights.run('a', async () => 2);
    gate.resolve();
    expect(await Promise.all([first.outcome, second.outcome])).toEqual([1, 2]);
  });

  it('does not forget a newer run when an obsolete one ends', async () => {
    const { flights, readings } = open();
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    const old = flights.run('a', () => gates[0].promise.then(() => 1));
    readings.invalidate('a');
    const newer = flights.run('a', () => gates[1].promise.then(() => 2));
    gates[0].resolve();
    await old.outcome;
    const joined = flights.run('a', async () => 3);
    gates[1].resolve();
    expect(await Promise.all([newer.outcome, joined.outcome])).toEqual([2, 2]);
  });
});
