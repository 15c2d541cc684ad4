import { beforeEach, describe, expect, it } from 'vitest';
import { canMove, ClaimLost, IllegalTransition, type Claim } from '@app/domain';
import { failedJob, type OpenEmpty, type PersistenceUnderTest } from './fixtures.js';

const ACTORS = 12;
const ACTS = 25;

/** Mulberry32: the same seed acts the same. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Webhooks, workers and people at the same incidents at once. */
export function racesContract(name: string, openEmpty: OpenEmpty): void {
  describe(`races: ${name}`, () => {
    let store: PersistenceUnderTest;
    beforeEach(async () => {
      store = await openEmpty();
    });

    it.each([1, 2, 3])('leave every incident in order (seed %i)', async (seed) => {
      const runIds = [1, 2, 3];
      const opened = await store.incidents.open(runIds.map((runId) => failedJob({ runId })));
      const ids = opened.map(({ incidentId }) => incidentId);

      const actor = async (random: (below: number) => number): Promise<void> => {
        let claim: Claim | null = null;
        for (let act = 0; act < ACTS; act++) {
          const id = ids[random(ids.length)]!;
          const kind = random(6);
          try {
            if (kind === 0) {
              const job = failedJob({ runId: runIds[random(3)]!, attempt: 1 + random(8) });
              await store.incidents.open([job]);
            } else if (kind === 1) claim = (await store.progress.claim(id, 60_000)) ?? claim;
            else if (kind === 2 && claim) await store.progress.saveStep(claim, `step ${random(3)}`, { act });
            else if (kind === 3 && claim) await store.progress.release(claim, 'Later.');
            else if (kind === 4 && claim) {
              await store.progress.finish(claim, {
                status: random(2) === 0 ? 'diagnosed' : 'diagnosis_failed',
                reason: 'Done.',
                diagnosisId: null,
                citations: [],
                reused: false,
                facts: {},
              });
            } else await store.incidents.move(id, random(2) === 0 ? 'received' : 'resolved', 'By hand.');
          } catch (error) {
            if (!(error instanceof ClaimLost || error instanceof IllegalTransition)) throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: ACTORS }, (_, lane) => actor(randomOf(seed * 1_000 + lane))));

      for (const id of ids) {
        const incident = await store.incidents.get(id);
        const occurrences = await store.incidents.occurrences(id);
        expect(incident.occurrences).toBe(occurrences.length);
        expect(incident.latestAttempt).toBe(Math.max(...occurrences.map(({ attempt }) => attempt)));

        const moves = (await store.incidents.timeline(id)).filter(({ to }) => to !== null);
        // Each move begins where the one before ended, and is legal.
        const broken = moves.filter(
          ({ from, to }, index) =>
            index > 0 && (from !== moves[index - 1]!.to || from === null || !canMove(from, to!)),
        );
        expect(broken).toEqual([]);
        expect(moves.at(-1)!.to).toBe(incident.status);
      }
    });
  });
}
