import { describe, expect, it } from 'vitest';
import { ExternalFailure, type UsageEntry, type UsageLedger } from '@app/domain';
import { FakeLanguageModel } from '../../../../test/fakes/fake-language-model.js';
import { RecordingLog } from '../../../../test/fakes/recording-log.js';
import { failureContext } from '../../../../test/support/failure-context.js';
import { allModels } from '../../../../test/support/llm-config.js';
import { UnusableAnswer } from '../openai/llm-failure.js';
import type { AttemptOptions } from '../operations.js';
import { UsageRecorder } from '../usage-recorder.js';
import { MeteredLanguageModel } from './metered-language-model.js';

const at = new Date('2026-11-20T12:00:00Z');
const priced = {
  provider: 'custom',
  models: allModels('stand-in'),
  prices: {
    'stand-in': { inputUsdPerMillion: 2, cachedInputUsdPerMillion: 1, outputUsdPerMillion: 10 },
  },
  defaultPrice: { inputUsdPerMillion: 0, cachedInputUsdPerMillion: 0, outputUsdPerMillion: 0 },
};

class ListedLedger implements Pick<UsageLedger, 'record'> {
  readonly entries: UsageEntry[] = [];
  failure: Error | null = null;

  async record(entry: UsageEntry): Promise<void> {
    if (this.failure) throw this.failure;
    this.entries.push(entry);
  }
}

function world() {
  const inner = new FakeLanguageModel({ costUsd: 0.004 });
  const ledger = new ListedLedger();
  const log = new RecordingLog();
  const usage = new UsageRecorder(ledger as unknown as UsageLedger, { now: () => at }, log);
  return { inner, ledger, log, model: new MeteredLanguageModel(inner, usage, priced) };
}

describe('MeteredLanguageModel', () => {
  it('puts every answer on the ledger with all its facts', async () => {
    const { ledger, model } = world();
    await model.classify(failureContext(), {
      incidentId: 'i-1',
      attempt: 2,
      cache: 'miss',
    } as AttemptOptions);
    expect(ledger.entries).toEqual([
      {
        at,
        operation: 'classify',
        provider: 'fake',
        model: 'fake-model',
        promptVersion: 'p1',
        projectId: 'project-1',
        incidentId: 'i-1',
        inputTokens: 100,
        cachedInputTokens: 0,
        outputTokens: 20,
        costUsd: 0.004,
        latencyMs: 1,
        outcome: 'answered',
        cache: 'miss',
        attempt: 2,
        error: null,
      },
    ]);
  });

  it('names the operation', async () => {
    const { ledger, model } = world();
    const context = failureContext();
    const classification = await model.classify(context);
    const cause = await model.analyzeRootCause(context, classification.value);
    const solution = await model.generateSolution(context, cause.value);
    await model.validateRemediation(context, cause.value, solution.value);
    expect(ledger.entries.map(({ operation }) => operation)).toEqual([
      'classify',
      'root_cause',
      'solution',
      'validate',
    ]);
  });

  it('puts failed tries on the ledger, and hands the failure on', async () => {
    const { inner, ledger, model } = world();
    const away = new ExternalFailure('The server answered 502.', {
      code: 'llm_unavailable',
      retryable: true,
    });
    inner.fail('classify', away);
    await expect(model.classify(failureContext())).rejects.toBe(away);
    expect(ledger.entries).toMatchObject([
      {
        outcome: 'failed',
        provider: 'custom',
        model: 'stand-in',
        promptVersion: 'classify.v2',
        costUsd: 0,
        error: 'The server answered 502.',
      },
    ]);
  });

  it('counts the money for an answer that could not be used', async () => {
    const { inner, ledger, model } = world();
    inner.fail(
      'classify',
      new UnusableAnswer('no JSON', { inputTokens: 1_000, cachedInputTokens: 500, outputTokens: 300 }),
    );
    await expect(model.classify(failureContext())).rejects.toThrow("can't be used");
    expect(ledger.entries).toMatchObject([
      { outcome: 'failed', inputTokens: 1_000, cachedInputTokens: 500, outputTokens: 300, costUsd: 0.0045 },
    ]);
  });

  it('loses no answer to a ledger that fails: the entry goes to the log', async () => {
    const { ledger, log, model } = world();
    ledger.failure = new Error('database away');
    expect((await model.classify(failureContext())).value.category).toBe('compile_error');
    expect(log.of('usage_record_failed')).toMatchObject([{ costUsd: 0.004, ledgerError: 'database away' }]);
  });
});
