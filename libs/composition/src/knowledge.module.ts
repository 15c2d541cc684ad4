import type { Config } from '@app/config';
import {
  BackgroundJobs,
  Cache,
  Clock,
  Embedder,
  JobQueue,
  KnowledgeRepository,
  Log,
  ModelPolicies,
  PassageFinder,
  Redactor,
} from '@app/domain';
import {
  BackgroundDispatch,
  DocumentReader,
  EmbedDocument,
  EmbeddedPassageFinder,
  FetchPage,
  IngestDocument,
} from '@app/knowledge';
import { redactText } from '@app/log-analysis';
import { AddressGuard } from '@app/net';
import { Metrics } from '@app/telemetry';
import { Global, Module, type Provider } from '@nestjs/common';
import { CONFIG } from './tokens.js';

/** Jobs a sweep looks at; the next sweep takes the rest. */
const SWEEP_BATCH = 100;

const providers: Provider[] = [
  {
    provide: Redactor,
    useFactory: (): Redactor => ({ redact: (text) => redactText(text).text }),
  },
  {
    provide: PassageFinder,
    inject: [KnowledgeRepository, ModelPolicies, Embedder, Cache, Log],
    useFactory: (
      knowledge: KnowledgeRepository,
      policies: ModelPolicies,
      embedder: Embedder,
      cache: Cache,
      log: Log,
    ) => new EmbeddedPassageFinder(knowledge, policies, embedder, cache, log),
  },
  {
    provide: BackgroundDispatch,
    inject: [CONFIG, BackgroundJobs, JobQueue, Clock, Log],
    useFactory: (config: Config, jobs: BackgroundJobs, queue: JobQueue, clock: Clock, log: Log) =>
      new BackgroundDispatch(jobs, queue, {
        clock,
        log,
        limits: {
          graceMs: config.outbox.graceMs,
          batch: SWEEP_BATCH,
          maxAttempts: config.queue.attempts,
        },
      }),
  },
  {
    provide: IngestDocument,
    inject: [CONFIG, KnowledgeRepository, Redactor, BackgroundDispatch, Log, Metrics],
    useFactory: (
      { knowledge: config }: Config,
      knowledge: KnowledgeRepository,
      redactor: Redactor,
      dispatch: BackgroundDispatch,
      log: Log,
      metrics: Metrics,
    ) => {
      const reader = new DocumentReader(config);
      const fetchPage = new FetchPage(config, AddressGuard.forInternet(config.internalHosts));
      return new IngestDocument({ knowledge, reader, fetchPage, redactor, dispatch }, log, metrics);
    },
  },
  {
    provide: EmbedDocument,
    inject: [BackgroundJobs, KnowledgeRepository, ModelPolicies, Embedder, Cache, Log],
    useFactory: (
      jobs: BackgroundJobs,
      knowledge: KnowledgeRepository,
      policies: ModelPolicies,
      embedder: Embedder,
      cache: Cache,
      log: Log,
    ) => new EmbedDocument({ jobs, knowledge, policies }, embedder, cache, log),
  },
];

/** Documents in, passages out, over whatever the core module bound to their ports. */
@Global()
@Module({ providers, exports: providers.map((provider) => (provider as { provide: symbol }).provide) })
export class KnowledgeModule {}
