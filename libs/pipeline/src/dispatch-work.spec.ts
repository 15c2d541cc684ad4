import type { Dispatch, Job } from '@app/domain';
import { describe, expect, it } from 'vitest';
import { DispatchWork } from './dispatch-work.js';

type Parts = ConstructorParameters<typeof DispatchWork>;

const dispatch = (incidentId: string): Dispatch => ({ incidentId, sequence: 1 });

/** A queue that answers a call when it is told to. */
function work() {
  const calls: string[][] = [];
  const announced: string[] = [];
  const answers: { ok: () => void; fail: () => void }[] = [];
  const warnings: unknown[] = [];
  const queue = {
    enqueue: (jobs: readonly Job[]) => {
      calls.push(jobs.map((job) => ('incidentId' in job ? job.incidentId : '')));
      return new Promise<void>((resolve, reject) =>
        answers.push({ ok: resolve, fail: () => reject(new Error('away')) }),
      );
    },
  };
  const dispatching = new DispatchWork(
    queue as unknown as Parts[0],
    {
      publish: async (_: string, { incidentId }: { incidentId: string }) => void announced.push(incidentId),
    } as unknown as Parts[1],
    { warn: (fields: unknown) => warnings.push(fields) } as unknown as Parts[2],
  );
  return { dispatching, calls, announced, answers, warnings };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('DispatchWork', () => {
  it('sends together what came while others were on their way', async () => {
    const { dispatching, calls, announced, answers } = work();
    const first = dispatching.incidents([dispatch('a')]);
    await settled();
    const others = [dispatching.incidents([dispatch('b')]), dispatching.incidents([dispatch('c')])];
    await settled();
    expect(calls).toEqual([['a']]);
    answers[0]!.ok();
    await first;
    await settled();
    expect(calls).toEqual([['a'], ['b', 'c']]);
    answers[1]!.ok();
    await Promise.all(others);
    expect(announced).toEqual(['a', 'b', 'c']);
  });

  it('goes on after a queue that was away, announces nothing of what it did not take, and never throws', async () => {
    const { dispatching, calls, announced, answers, warnings } = work();
    const first = dispatching.incidents([dispatch('a')]);
    await settled();
    const second = dispatching.incidents([dispatch('b')]);
    answers[0]!.fail();
    await first;
    await settled();
    answers[1]!.ok();
    await second;
    expect(calls).toEqual([['a'], ['b']]);
    expect(announced).toEqual(['b']);
    expect(warnings).toMatchObject([{ incidents: 1, error: 'away' }]);
  });

  it('splits what is too much for one call, and loses nothing of it', async () => {
    const { dispatching, calls, answers } = work();
    const ids = Array.from({ length: 250 }, (_, index) => `i${index}`);
    const done = dispatching.incidents(ids.map(dispatch));
    for (let call = 0; call < 3; call++) {
      await settled();
      answers[call]!.ok();
    }
    await done;
    expect(calls.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(calls.flat()).toEqual(ids);
  });
});
