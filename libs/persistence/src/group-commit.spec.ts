import { ExternalFailure } from '@app/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GroupCommit } from './group-commit.js';

const LIMITS = { items: 4, size: 100, sizeOf: () => 1 };
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A database that commits a group when it is told to. */
function database(limits = LIMITS as ConstructorParameters<typeof GroupCommit<number, string>>[1]) {
  const groups: (readonly number[])[] = [];
  const answers: { ok: () => void; fail: (error: unknown) => void }[] = [];
  const intake = new GroupCommit<number, string>((items) => {
    groups.push(items);
    return new Promise((resolve, reject) =>
      answers.push({ ok: () => resolve(items.map((item) => `r${item}`)), fail: reject }),
    );
  }, limits);
  return { intake, groups, answers };
}

describe('GroupCommit', () => {
  it('sends at once what comes alone, and together what comes meanwhile', async () => {
    const { intake, groups, answers } = database();
    const first = intake.add(1);
    await settled();
    const others = [intake.add(2), intake.add(3)];
    await settled();
    expect(groups).toEqual([[1]]);
    answers[0]!.ok();
    expect(await first).toBe('r1');
    await settled();
    expect(groups).toEqual([[1], [2, 3]]);
    answers[1]!.ok();
    expect(await Promise.all(others)).toEqual(['r2', 'r3']);
  });

  it('acknowledges nothing before its commit', async () => {
    const { intake, answers } = database();
    const acknowledged: string[] = [];
    for (const item of [1, 2]) void intake.add(item).then((result) => acknowledged.push(result));
    await settled();
    expect(acknowledged).toEqual([]);
    answers[0]!.ok();
    await settled();
    expect(acknowledged).toEqual(['r1', 'r2']);
  });

  it('keeps a group within its limits, and sends alone what is too large for any', async () => {
    const { intake, groups, answers } = database({ items: 3, size: 10, sizeOf: (item) => item });
    const all = [1, 2, 3, 4, 99, 5].map((item) => intake.add(item));
    for (let group = 0; group < 4; group++) {
      await settled();
      answers[group]!.ok();
    }
    await Promise.all(all);
    expect(groups).toEqual([[1, 2, 3], [4], [99], [5]]);
  });

  it('fails all of a group when the database went away, and does not ask it again for each', async () => {
    const { intake, groups, answers } = database();
    const away = new ExternalFailure('gone', { code: 'database_away', retryable: true });
    const all = Promise.allSettled([intake.add(1), intake.add(2)]);
    await settled();
    answers[0]!.fail(away);
    expect(await all).toEqual([
      { status: 'rejected', reason: away },
      { status: 'rejected', reason: away },
    ]);
    expect(groups).toEqual([[1, 2]]);
  });

  it('is drained once everything that came has its outcome', async () => {
    const { intake, answers } = database();
    await intake.drained();
    let isDrained = false;
    const all = [intake.add(1)];
    await settled();
    all.push(intake.add(2));
    const drained = intake.drained().then(() => (isDrained = true));
    answers[0]!.ok();
    await settled();
    expect(isDrained).toBe(false);
    answers[1]!.ok();
    await Promise.all([...all, drained]);
  });

  it('gives each its own outcome in order, whichever fail and whenever they come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ fails: fc.boolean(), pause: fc.boolean() }), { maxLength: 30 }),
        async (arrivals) => {
          const committed: number[] = [];
          const intake = new GroupCommit<number, string>(async (items) => {
            await settled();
            const bad = items.find((item) => arrivals[item]!.fails);
            if (bad !== undefined) throw new Error(`bad ${items.length === 1 ? bad : 'group'}`);
            committed.push(...items);
            return items.map((item) => `r${item}`);
          }, LIMITS);
          const outcomes: Promise<string>[] = [];
          for (const [item, { pause }] of arrivals.entries()) {
            if (pause) await settled();
            outcomes.push(intake.add(item).catch((error: Error) => error.message));
          }
          expect(await Promise.all(outcomes)).toEqual(
            arrivals.map(({ fails }, item) => (fails ? `bad ${item}` : `r${item}`)),
          );
          expect(committed).toEqual([...arrivals.keys()].filter((item) => !arrivals[item]!.fails));
        },
      ),
    );
  });
});
