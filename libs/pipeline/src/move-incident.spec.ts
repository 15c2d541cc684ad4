import { expect, it } from 'vitest';
import { pipelineWorld } from '../../../test/support/pipeline-world.js';
import { DispatchWork } from './dispatch-work.js';
import { MoveIncident, type HandMove } from './move-incident.js';

async function movedWorld() {
  const world = pipelineWorld();
  const { store, queue, bus, log, announce } = world;
  const dispatch = new DispatchWork(queue, bus, log);
  const hand = new MoveIncident(store.incidents, dispatch, announce);
  const id = await world.failJob(7, 'error TS2345: no\n');
  const move = async (wanted: HandMove) =>
    hand.run(await store.incidents.get(id), wanted, 'I say so.', { by: 'ann' });
  return { ...world, id, move };
}

it('tells of a reopened incident that what passed before proves nothing, not of one to diagnose again', async () => {
  const { store, id, move } = await movedWorld();
  await move('resolve');
  await move('diagnose');
  await move('resolve');
  await move('reopen');
  const moves = (await store.incidents.timeline(id)).filter(({ to }) => to === 'received').slice(1);
  expect(moves.map(({ facts }) => facts['reopened'])).toEqual([undefined, true]);
});

it.each(['resolve', 'ignore', 'reopen'] as const)(
  'drops what similar incidents teach: %s',
  async (wanted) => {
    const { cache, views, move } = await movedWorld();
    if (wanted === 'reopen') await move('resolve');
    await views.close();
    const keys = (['vector.search', 'vector.resolved', 'vector.recent'] as const).map(
      (operation) => ({ operation, scope: 'all', id: 'x' }) as const,
    );
    for (const key of keys) await cache.set(key, ['an incident that was resolved']);
    await move(wanted);
    await views.close();
    expect(await cache.getMany(keys)).toEqual([undefined, undefined, undefined]);
  },
);

it('drops it too when a later failure reopens an incident, not when one is opened', async () => {
  const world = await movedWorld();
  const { cache, views } = world;
  const key = { operation: 'vector.resolved', scope: 'all', id: 'x' } as const;
  await world.move('resolve');
  await views.close();
  await cache.set(key, ['an incident that was resolved']);
  await world.failJob(8, 'error TS2345: no\n');
  await views.close();
  expect(await cache.get(key)).toBeDefined();
  await world.failJob(7, 'error TS2345: no\n', 2);
  await views.close();
  expect(await cache.get(key)).toBeUndefined();
});
