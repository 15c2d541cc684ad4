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
