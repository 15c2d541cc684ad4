import { createLimits } from '@app/cache';
import { loadConfig, type LlmConfig } from '@app/config';
import { Metrics } from '@app/telemetry';
import { describe, expect, it } from 'vitest';
import { FakeEventBus } from '../../../../test/fakes/fake-event-bus.js';
import { FakeLanguageModel } from '../../../../test/fakes/fake-language-model.js';
import { silentLog } from '../../../../test/fakes/recording-log.js';
import { failureContext } from '../../../../test/support/failure-context.js';
import { llmConfig } from '../../../../test/support/llm-config.js';
import { PacedLanguageModel } from './paced-language-model.js';

function world(rateLimit: LlmConfig['rateLimit']) {
  let now = 0;
  const tools = { log: silentLog(), metrics: new Metrics(), eventBus: new FakeEventBus(), now: () => now };
  const { rateLimiter } = createLimits(loadConfig({}), tools);
  const config = llmConfig('http://127.0.0.1:1/v1', { rateLimit });
  const processes = [new FakeLanguageModel(), new FakeLanguageModel()];
  const models = processes.map((inner) => new PacedLanguageModel(inner, rateLimiter, config, config));
  return {
    models,
    asked: () => processes.reduce((sum, inner) => sum + inner.count(), 0),
    advance: (ms: number) => void (now += ms),
  };
}

describe('PacedLanguageModel', () => {
  it('sends no more requests a minute than the limit, over all who share it', async () => {
    const { models, asked, advance } = world({ requestsPerMinute: 3, tokensPerMinute: null });
    for (let n = 0; n < 3; n += 1) await models[n % 2]!.classify(failureContext());
    await expect(models[1]!.classify(failureContext())).rejects.toMatchObject({
      code: 'llm_throttled',
      retryable: false,
    });
    expect(asked()).toBe(3);
    advance(120_000);
    await models[0]!.classify(failureContext());
    expect(asked()).toBe(4);
  });

  it('counts tokens, and lets a prompt pass that is larger than the limit when it is alone', async () => {
    const { models, asked } = world({ requestsPerMinute: null, tokensPerMinute: 1_000 });
    await models[0]!.classify(failureContext());
    await expect(models[1]!.classify(failureContext())).rejects.toMatchObject({ code: 'llm_throttled' });
    expect(asked()).toBe(1);
  });

  it('stands aside without limits', async () => {
    const { models, asked } = world({ requestsPerMinute: null, tokensPerMinute: null });
    for (let n = 0; n < 20; n += 1) await models[0]!.classify(failureContext());
    expect(asked()).toBe(20);
  });
});
