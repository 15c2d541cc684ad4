import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, type LlmConfig } from '@app/config';
import { DEFAULT_MODEL_POLICY, ExternalFailure, type FailureContext, type LanguageModel } from '@app/domain';
import { createLanguageModel } from '@app/llm';
import { openPersistence, type Persistence } from '@app/persistence';
import { FakeCache } from '../../fakes/fake-cache.js';
import { OpenAiServer } from '../../stand-ins/openai-server.js';
import { failureContext } from '../../support/failure-context.js';
import { freshStore, type FreshStore } from '../../support/fresh-store.js';
import { llmConfig, NO_BUDGET } from '../../support/llm-config.js';
import { llmParts } from '../../support/llm-parts.js';
import { modelAnswer } from '../../support/model-answers.js';

/** Another failure each time, so that no cache answers. */
const failure = (n: number, changed: Partial<FailureContext> = {}) =>
  failureContext({ signature: `failure ${n}`, jobName: `job ${n}`, ...changed });

const budget = (changed: Partial<LlmConfig['budget']>) => ({ budget: { ...NO_BUDGET, ...changed } });

describe('a budget', () => {
  let server: OpenAiServer;
  let world: ReturnType<typeof llmParts>;

  beforeEach(async () => {
    server = await OpenAiServer.start();
    server.answer = modelAnswer;
    world = llmParts();
  });

  afterEach(() => server.close());

  const build = (changed: Partial<LlmConfig> = {}) =>
    createLanguageModel({ llm: llmConfig(server.url, { maxAttempts: 1, ...changed }) }, world.parts);
  const stateOf = async (scope: string, period: string) => {
    const limits = { costUsd: null, tokens: null, calls: null };
    return (await world.store.budget.state([{ scope, period, limits }]))[0]!.used;
  };

  it.each([
    [{ dailyUsd: 0.000_1 }, "the day's budget ($0.00, 2026-11-20)"],
    [{ monthlyUsd: 0.000_1 }, "the month's budget ($0.00, 2026-11)"],
    [{ projectDailyUsd: 0.000_1 }, "the day's budget of the project"],
    [{ projectMonthlyUsd: 0.000_1 }, "the month's budget of the project"],
    [{ dailyTokens: 10 }, "the day's budget (10 tokens"],
    [{ monthlyTokens: 10 }, "the month's budget (10 tokens"],
    [{ projectDailyTokens: 10 }, "the day's budget of the project (10 tokens"],
    [{ projectMonthlyTokens: 10 }, "the month's budget of the project (10 tokens"],
    [{ dailyCalls: 0 }, "the day's budget (0 calls"],
    [{ monthlyCalls: 0 }, "the month's budget (0 calls"],
    [{ projectDailyCalls: 0 }, "the day's budget of the project (0 calls"],
    [{ projectMonthlyCalls: 0 }, "the month's budget of the project (0 calls"],
  ])('without room for a call %j: nobody is asked, the rules answer and say so', async (limits, said) => {
    const { value, meta } = await build(budget(limits)).classify(failureContext());
    expect(server.requests).toEqual([]);
    expect(meta).toMatchObject({ source: 'rules', fallbackReason: expect.stringContaining(said) });
    expect(meta.fallbackReason).toMatch(/^llm_budget_exhausted: /);
    expect(value.category).toBe('compile_error');
  });

  it('counts what a call did cost in every period, so that a limit set later holds for all of it', async () => {
    await build(budget({ dailyUsd: 5, projectMonthlyUsd: 5 })).classify(failureContext());
    const spent = { costUsd: 0.004, tokens: 1_200, calls: 1 };
    expect(await stateOf('all', '2026-11-20')).toEqual(spent);
    expect(await stateOf('project:project-1', '2026-11')).toEqual(spent);
    expect(await stateOf('all', '2026-11')).toEqual(spent);
    expect(await stateOf('project:project-1', '2026-11-20')).toEqual(spent);
    expect((await build(budget({ monthlyCalls: 1 })).classify(failure(9))).meta.source).toBe('rules');
  });

  it('counts every try that was paid for, and none that never was', async () => {
    server.fail({ kind: 'status', status: 503 });
    server.fail({ kind: 'text', text: 'It is the compiler.' });
    await build({ ...budget({ dailyUsd: 5 }), maxAttempts: 3 }).classify(failureContext());
    expect(await stateOf('all', '2026-11-20')).toEqual({ costUsd: 0.008, tokens: 2_400, calls: 3 });
  });

  it('takes a try whose answer never came for all it can have cost', async () => {
    server.fail({ kind: 'cut' });
    await build(budget({ dailyUsd: 5 })).classify(failureContext());
    expect((await stateOf('all', '2026-11-20')).costUsd).toBeGreaterThan(0.01);
  });

  it('spends nothing on a hit', async () => {
    const model = build(budget({ dailyUsd: 5 }));
    await model.classify(failureContext({}, 10));
    await model.classify(failureContext({}, 44));
    expect((await stateOf('all', '2026-11-20')).calls).toBe(1);
  });

  it('warns once at 80 %, on the bus', async () => {
    const model = build(budget({ dailyCalls: 5 }));
    for (let n = 0; n < 7; n += 1) await model.classify(failure(n));
    expect(server.requests).toHaveLength(5);
    expect(world.bus.on('system:quota_warning')).toEqual([
      {
        level: 'warning',
        scope: 'all',
        period: '2026-11-20',
        limits: { costUsd: null, tokens: null, calls: 5 },
        used: { costUsd: 0.016, tokens: 4_800, calls: 4 },
      },
    ]);
  });

  it('has limits of its own for a project that sets them', async () => {
    const { id } = await world.store.projects.ensure({ host: 'github.com', owner: 'o', name: 'n' });
    await world.store.modelPolicies.set(id, { ...DEFAULT_MODEL_POLICY, dailyUsd: 0 });
    const model = build(budget({ projectDailyUsd: 5 }));
    expect((await model.classify(failure(1, { projectId: id }))).meta.source).toBe('rules');
    expect((await model.classify(failure(2))).meta.source).toBe('model');
  });

  it('sends nothing outside for a project that forbids it, and still asks a model of our own', async () => {
    const { id } = await world.store.projects.ensure({ host: 'github.com', owner: 'o', name: 'n' });
    await world.store.modelPolicies.set(id, { ...DEFAULT_MODEL_POLICY, allowsOutsideModel: false });
    const refused = await build().classify(failure(1, { projectId: id }));
    expect(refused.meta).toMatchObject({
      source: 'rules',
      fallbackReason: expect.stringMatching(/^llm_forbidden_by_project: /),
    });
    expect(server.requests).toEqual([]);
    const own = await build({ isOutside: false }).classify(failure(2, { projectId: id }));
    expect(own.meta.source).toBe('model');
  });

  it('spends nothing while nobody can say what is left', async () => {
    world.store.budget.reserve = async () => {
      throw new ExternalFailure('The database is away.', { code: 'database_away', retryable: true });
    };
    const { meta } = await build(budget({ dailyUsd: 5 })).classify(failureContext());
    expect(meta.fallbackReason).toBe('llm_budget_unknown: The database is away.');
    expect(server.requests).toEqual([]);
  });
});

describe('a budget in the database, with eight workers and no Redis', () => {
  let place: FreshStore;
  let persistence: Persistence;
  let server: OpenAiServer;

  beforeAll(async () => {
    place = await freshStore();
    persistence = await openPersistence(loadConfig({ ...place.environment, LOG_LEVEL: 'silent' }));
    server = await OpenAiServer.start();
    server.answer = modelAnswer;
  });

  afterAll(async () => {
    await server.close();
    await persistence.close();
    await place.remove();
  });

  it('is never passed, and is used', async () => {
    const dailyUsd = 0.5;
    const { id: projectId } = await persistence.projects.ensure({ host: 'h', owner: 'o', name: 'n' });
    const away = new FakeCache();
    away.away = true;
    const worker = (): LanguageModel =>
      createLanguageModel(
        { llm: llmConfig(server.url, { budget: { ...NO_BUDGET, dailyUsd } }) },
        {
          ...llmParts().parts,
          cache: away,
          ledger: persistence.usage,
          budget: persistence.budget,
          policies: persistence.modelPolicies,
          agents: persistence.agentStates,
        },
      );
    // Some answers can't be used and are paid for all the same.
    for (let n = 0; n < 10; n += 1) server.fail({ kind: 'text', text: 'no' });

    const turns = Array.from({ length: 8 }, async (_, w) => {
      const model = worker();
      const sources: string[] = [];
      for (let turn = 0; turn < 25; turn += 1) {
        const { meta } = await model.classify(failure(w * 100 + turn, { projectId }));
        sources.push(meta.source);
      }
      return sources;
    });
    const sources = (await Promise.all(turns)).flat();

    const [row] = (await persistence.dataSource.query(
      `SELECT sum(cost_usd)::float AS spent, count(*)::int AS calls FROM usage_ledger WHERE outcome <> 'fallback'`,
    )) as [{ spent: number; calls: number }];
    expect(row.calls).toBe(server.requests.length);
    expect(row.spent).toBeLessThanOrEqual(dailyUsd);
    expect(row.spent).toBeGreaterThan(dailyUsd * 0.6);
    expect(sources).toContain('rules');
    expect(sources).toHaveLength(200);
  });
});
