import { createLimits } from '@app/cache';
import { loadConfig } from '@app/config';
import type { LanguageModelParts } from '@app/llm';
import type { Clock } from '@app/domain';
import { Metrics } from '@app/telemetry';
import { FakeCache } from '../fakes/fake-cache.js';
import { FakeEventBus } from '../fakes/fake-event-bus.js';
import { InMemoryPersistence } from '../fakes/in-memory-persistence/index.js';
import { RecordingLog } from '../fakes/recording-log.js';

/** What a stack of decorators stands on, in memory; everything a test looks at afterwards is named. */
export function llmParts(clock: Clock = { now: () => new Date('2026-11-20T12:00:00Z') }) {
  const store = new InMemoryPersistence(clock);
  const cache = new FakeCache();
  const bus = new FakeEventBus();
  const log = new RecordingLog();
  const parts: LanguageModelParts = {
    cache,
    ledger: store.usage,
    budget: store.budget,
    policies: store.modelPolicies,
    agents: store.agentStates,
    bus,
    limiter: createLimits(loadConfig({}), { log, metrics: new Metrics(), eventBus: bus }).rateLimiter,
    clock,
    log,
  };
  return { parts, store, cache, bus, log, clock };
}
