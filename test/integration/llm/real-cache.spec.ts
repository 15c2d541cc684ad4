import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCache, type CacheHandle } from '@app/cache';
import { loadConfig } from '@app/config';
import { CachedCiProvider } from '@app/github';
import { CachedEmbedder, createLanguageModel } from '@app/llm';
import { Metrics } from '@app/telemetry';
import { FakeCiProvider } from '../../fakes/fake-ci-provider.js';
import { FakeEmbedder } from '../../fakes/fake-embedder.js';
import { silentLog } from '../../fakes/recording-log.js';
import { OpenAiServer } from '../../stand-ins/openai-server.js';
import { failureContext } from '../../support/failure-context.js';
import { llmConfig } from '../../support/llm-config.js';
import { llmParts } from '../../support/llm-parts.js';
import { modelAnswer } from '../../support/model-answers.js';

/** What the decorators store goes through the real cache's encoding and comes back as it was. */
describe('the caching decorators on the real cache', () => {
  let handle: CacheHandle;

  beforeEach(() => {
    handle = createCache(loadConfig({}), silentLog(), new Metrics());
  });

  afterEach(() => handle.close());

  it('give back vectors, logs and jobs as they were', async () => {
    const inner = new FakeEmbedder();
    const embedder = new CachedEmbedder(inner, handle.cache);
    const ci = new FakeCiProvider();
    const repository = { host: 'github.com', owner: 'octo', name: 'app' };
    ci.addRun({
      repository: 'octo/app',
      id: 1,
      jobs: [{ id: 2, name: 'unit', log: 'the log\n'.repeat(500) }],
    });
    const provider = new CachedCiProvider(ci, handle.cache, silentLog());
    const readAll = async () => [
      await embedder.embed(['a', 'b']),
      await provider.getJobLog(repository, 2),
      await provider.listJobs(repository, 1, 1),
    ];
    const first = await readAll();
    expect(await readAll()).toEqual(first);
    expect(inner.calls).toHaveLength(1);
    expect(ci.calls).toMatchObject({ getJobLog: 1, listJobs: 1 });
  });

  it('ask a model once for a failure of two runs', async () => {
    const server = await OpenAiServer.start();
    server.answer = modelAnswer;
    const parts = { ...llmParts().parts, cache: handle.cache };
    const model = createLanguageModel({ llm: llmConfig(server.url) }, parts);
    const first = await model.classify(failureContext({}, 10));
    const second = await model.classify(failureContext({}, 44));
    const { keyLines, ...said } = second.value;
    expect(first.value).toMatchObject(said);
    expect(keyLines[0]!.quote).toBe(failureContext({}, 44).evidence[0]!.text.split('\n')[0]);
    expect([first.meta.cached, second.meta.cached]).toEqual([false, true]);
    expect(server.requests).toHaveLength(1);
    await server.close();
  });
});
