import { beforeEach, describe, expect, it } from 'vitest';
import { AGENT_IDS, DEFAULT_MODEL_POLICY, type BudgetLine, type Spending } from '@app/domain';
import { NOBODY, REPOSITORY, openOne, type OpenEmpty, type PersistenceUnderTest } from './fixtures.js';

const NONE = { costUsd: null, tokens: null, calls: null };
const WARN_AT = 0.8;
const WORKERS = 8;

function line(limits: Partial<BudgetLine['limits']>, scope = 'all', period = '2026-11-20'): BudgetLine {
  return { scope, period, limits: { ...NONE, ...limits } };
}

function amount(costUsd: number, tokens = 0, calls = 0): Spending {
  return { costUsd, tokens, calls };
}

/** Money: what may be spent, and what a project allows. */
export function spendingContract(name: string, openEmpty: OpenEmpty): void {
  describe(`spending: ${name}`, () => {
    let store: PersistenceUnderTest;
    const used = async (of: BudgetLine) => (await store.budget.state([of]))[0]!.used;

    beforeEach(async () => {
      store = await openEmpty();
    });

    describe('the budget', () => {
      it('grants what fits, to the last fraction of a cent', async () => {
        const day = line({ costUsd: 0.000_000_3 });
        expect(await store.budget.reserve([day], amount(0.000_000_1))).toEqual({ granted: true });
        expect(await store.budget.reserve([day], amount(0.000_000_2))).toEqual({ granted: true });
        expect(await store.budget.reserve([day], amount(0.000_000_001))).toMatchObject({ granted: false });
        expect((await used(day)).costUsd).toBeCloseTo(0.000_000_3, 12);
      });

      it.each([
        ['costUsd', amount(1, 5, 5)],
        ['tokens', amount(0, 11, 5)],
        ['calls', amount(0, 5, 6)],
      ] as const)('refuses what is too much of %s, and says what is full', async (kind, tooMuch) => {
        const day = line({ costUsd: 0.5, tokens: 10, calls: 5 });
        await store.budget.reserve([day], amount(0.1));
        expect(await store.budget.reserve([day], tooMuch)).toEqual({
          granted: false,
          kind,
          isNews: true,
          exceeded: { ...day, used: { costUsd: 0.1, tokens: 0, calls: 0 } },
        });
        expect(await used(day)).toEqual({ costUsd: 0.1, tokens: 0, calls: 0 });
      });

      it('counts in all lines or in none', async () => {
        const [day, month] = [line({ costUsd: 10 }), line({ costUsd: 1 }, 'all', '2026-11')];
        await store.budget.reserve([day, month], amount(0.9));
        expect(await store.budget.reserve([day, month], amount(0.2))).toMatchObject({
          granted: false,
          exceeded: { period: '2026-11' },
        });
        expect((await used(day)).costUsd).toBe(0.9);
      });

      it('gives back what was reserved and not spent, and takes what was spent beyond it', async () => {
        const day = line({ costUsd: 1 });
        await store.budget.reserve([day], amount(0.8, 100, 3));
        await store.budget.settle([day], amount(0.8, 100, 3), amount(0.1, 40, 1), WARN_AT);
        expect(await used(day)).toEqual({ costUsd: 0.1, tokens: 40, calls: 1 });
        await store.budget.reserve([day], amount(0.1));
        await store.budget.settle([day], amount(0.1), amount(0.7), WARN_AT);
        expect((await used(day)).costUsd).toBeCloseTo(0.8, 9);
      });

      it('tells once of a limit that is near, and once of one that is reached', async () => {
        const day = line({ costUsd: 1 });
        const spend = async (usd: number) => {
          await store.budget.reserve([day], amount(usd));
          return store.budget.settle([day], amount(usd), amount(usd), WARN_AT);
        };
        expect(await spend(0.7)).toEqual([]);
        expect(await spend(0.1)).toMatchObject([{ scope: 'all', used: { costUsd: 0.8 } }]);
        expect(await spend(0.1)).toEqual([]);
        expect(await store.budget.reserve([day], amount(1))).toMatchObject({ isNews: false });
      });

      it('keeps scopes and periods apart', async () => {
        const [a, b] = [line({ costUsd: 1 }, 'project:a'), line({ costUsd: 1 }, 'project:b')];
        const tomorrow = line({ costUsd: 1 }, 'project:a', '2026-11-21');
        await store.budget.reserve([a], amount(1));
        expect(await store.budget.reserve([b], amount(1))).toEqual({ granted: true });
        expect(await store.budget.reserve([tomorrow], amount(1))).toEqual({ granted: true });
        expect(await store.budget.reserve([a], amount(0.1))).toMatchObject({ granted: false });
      });

      it('is never passed by workers who race for it, and nearly all of it can be used', async () => {
        const day = line({ costUsd: 1 });
        const project = line({ costUsd: 0.9 }, 'project:p');
        let spent = 0;
        const worker = async (seed: number) => {
          for (let turn = 0; turn < 12; turn++) {
            const reserved = amount(0.05, 10, 1);
            const lines = (turn + seed) % 2 === 0 ? [day, project] : [project, day];
            if (!(await store.budget.reserve(lines, reserved)).granted) continue;
            const real = ((seed * 7 + turn * 3) % 50) / 1_000;
            spent += real;
            await store.budget.settle(lines, reserved, amount(real, 4, 1), WARN_AT);
          }
        };
        await Promise.all(Array.from({ length: WORKERS }, (_, seed) => worker(seed)));
        expect((await used(day)).costUsd).toBeCloseTo(spent, 9);
        expect(spent).toBeLessThanOrEqual(0.9);
        expect(spent).toBeGreaterThan(0.8);
      });

      it('knows nothing of periods that nobody spent in', async () => {
        expect(await used(line({}, 'nobody'))).toEqual({ costUsd: 0, tokens: 0, calls: 0 });
      });
    });

    describe('what was decided about a model’s roles', () => {
      it('is nothing at first, and what was decided last', async () => {
        const untouched = { active: true, promptVersion: null, updatedAt: null };
        expect(await store.agentStates.all()).toEqual(AGENT_IDS.map((id) => ({ id, ...untouched })));
        await store.agentStates.change('solution', { active: false });
        const updatedAt = store.clock.advance(1_000);
        const changed = await store.agentStates.change('solution', { promptVersion: 'solution.v9' });
        expect(changed).toEqual({ id: 'solution', active: false, promptVersion: 'solution.v9', updatedAt });
        const states = await store.agentStates.all();
        expect(states.find(({ id }) => id === 'solution')).toEqual(changed);
        expect(states.filter(({ active }) => active)).toHaveLength(AGENT_IDS.length - 1);
        await store.agentStates.change('solution', { active: true });
        expect((await store.agentStates.all())[2]).toMatchObject({
          active: true,
          promptVersion: 'solution.v9',
        });
      });
    });

    describe('what a project allows a model', () => {
      it('is everything until it says otherwise, and what it said last', async () => {
        const { projectId } = await openOne(store);
        expect(await store.modelPolicies.of(projectId)).toEqual(DEFAULT_MODEL_POLICY);
        await store.modelPolicies.set(projectId, { ...DEFAULT_MODEL_POLICY, dailyUsd: 0.5, monthlyUsd: 9 });
        const policy = {
          allowsOutsideModel: false,
          dailyUsd: 0.25,
          monthlyUsd: null,
          dailyTokens: 5_000_000_000,
          monthlyTokens: null,
          dailyCalls: null,
          monthlyCalls: 70,
        };
        await store.modelPolicies.set(projectId, policy);
        expect(await store.modelPolicies.of(projectId)).toEqual(policy);
        expect(await store.modelPolicies.of(NOBODY)).toEqual(DEFAULT_MODEL_POLICY);
      });

      it('holds for every scope that the project is of', async () => {
        const strict = await openOne(store);
        const other = await openOne(store, { repository: { ...REPOSITORY, name: 'other' } });
        await store.modelPolicies.set(other.projectId, { ...DEFAULT_MODEL_POLICY, dailyUsd: 1 });
        expect(await store.modelPolicies.allowOutside(null)).toBe(true);
        await store.modelPolicies.set(strict.projectId, {
          ...DEFAULT_MODEL_POLICY,
          allowsOutsideModel: false,
        });
        const allowed = async (...scope: string[]) => store.modelPolicies.allowOutside(scope);
        expect(await store.modelPolicies.allowOutside(null)).toBe(false);
        expect(await allowed(strict.projectId, other.projectId)).toBe(false);
        expect(await allowed(other.projectId)).toBe(true);
        expect(await allowed('nonsense')).toBe(true);
        expect(await allowed()).toBe(true);
      });

      it('can only be said by a project', async () => {
        for (const nobody of [NOBODY, 'nonsense']) {
          await expect(store.modelPolicies.set(nobody, DEFAULT_MODEL_POLICY)).rejects.toMatchObject({
            code: 'project_not_found',
          });
        }
      });
    });
  });
}
