import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '@app/config';
import {
  AgentStates,
  Cache,
  CiProvider,
  Clock,
  Embedder,
  EventBus,
  GithubAppRepository,
  GithubAppSetupRepository,
  LanguageModel,
  Log,
  ModelHealth,
  ModelPolicies,
  RateLimiter,
  SecretBox,
  SpendingBudget,
  UsageLedger,
} from '@app/domain';
import { GithubModule, GithubStandIn } from '@app/github';
import { LlmModule } from '@app/llm';
import { FakeCache } from '../../fakes/fake-cache.js';
import { FakeEventBus } from '../../fakes/fake-event-bus.js';
import { FakeSecretBox } from '../../fakes/fake-secret-box.js';
import { InMemoryPersistence } from '../../fakes/in-memory-persistence/index.js';
import { silentLog } from '../../fakes/recording-log.js';
import { llmParts } from '../../support/llm-parts.js';
import { failureContext } from '../../support/failure-context.js';

const clock = { now: () => new Date() };
const store = new InMemoryPersistence(clock);
const given = [
  { provide: Cache, useValue: new FakeCache() },
  { provide: Log, useValue: silentLog() },
  { provide: Clock, useValue: clock },
  { provide: UsageLedger, useValue: store.usage },
  { provide: SpendingBudget, useValue: store.budget },
  { provide: ModelPolicies, useValue: store.modelPolicies },
  { provide: AgentStates, useValue: store.agentStates },
  { provide: GithubAppRepository, useValue: store.githubApps },
  { provide: GithubAppSetupRepository, useValue: store.githubAppSetups },
  { provide: SecretBox, useValue: new FakeSecretBox() },
  { provide: EventBus, useValue: new FakeEventBus() },
  { provide: RateLimiter, useValue: llmParts().parts.limiter },
];

@Global()
@Module({ providers: given, exports: given })
class GivenModule {}

describe('GithubModule and LlmModule', () => {
  it('bind the ports from configuration and what is provided globally', async () => {
    const github = await GithubStandIn.start();
    github.addRun({ repository: 'octo/app', id: 1, jobs: [{ id: 2, name: 'unit', log: 'the log\n' }] });
    const config = {
      llm: null,
      embedding: null,
      http: loadConfig({}).http,
      github: {
        apiUrl: github.url,
        token: null,
        app: null,
        webhookSecrets: [],
        logMaxBytes: 100_000,
        timeoutMs: 5_000,
      },
    };
    const app = await Test.createTestingModule({
      imports: [GivenModule, GithubModule.forRoot(config), LlmModule.forRoot(config)],
    }).compile();

    const repository = { host: 'github.com', owner: 'octo', name: 'app' };
    expect((await app.get(CiProvider).getJobLog(repository, 2)).bytes).toBe(8);
    expect((await app.get(LanguageModel).classify(failureContext())).meta.source).toBe('rules');
    expect(await app.get(ModelHealth).check()).toMatchObject({ ok: true });
    expect((await app.get(Embedder).embed(['text']))[0]).toHaveLength(768);
    await app.close();
    await github.close();
  });
});
