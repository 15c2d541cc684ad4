import {
  Cache,
  ChannelRepository,
  DiagnosisRepository,
  Embedder,
  IncidentRepository,
  LanguageModel,
  Log,
  LogArchive,
  ModelPolicies,
  PassageFinder,
  Redactor,
  SimilaritySearch,
} from '@app/domain';
import { AnswerQuestion, Converse, IncidentSources } from '@app/pipeline';
import { Global, Module, type Provider } from '@nestjs/common';

const providers: Provider[] = [
  {
    provide: IncidentSources,
    inject: [
      IncidentRepository,
      DiagnosisRepository,
      LogArchive,
      SimilaritySearch,
      ModelPolicies,
      Embedder,
      Log,
    ],
    useFactory: (
      incidents: IncidentRepository,
      diagnoses: DiagnosisRepository,
      logs: LogArchive,
      similarity: SimilaritySearch,
      policies: ModelPolicies,
      embedder: Embedder,
      log: Log,
    ) => new IncidentSources({ incidents, diagnoses, logs, similarity, policies, embedder }, log),
  },
  {
    provide: AnswerQuestion,
    inject: [PassageFinder, IncidentSources, ModelPolicies, LanguageModel, Redactor],
    useFactory: (
      passages: PassageFinder,
      incidents: IncidentSources,
      policies: ModelPolicies,
      model: LanguageModel,
      redactor: Redactor,
    ) => new AnswerQuestion(passages, incidents, policies, model, redactor),
  },
  {
    provide: Converse,
    inject: [ChannelRepository, AnswerQuestion, Redactor, Cache],
    useFactory: (channels: ChannelRepository, answer: AnswerQuestion, redactor: Redactor, cache: Cache) =>
      new Converse(channels, answer, redactor, cache),
  },
];

/** Answers to people's questions, over whatever the core module bound to their ports. */
@Global()
@Module({ providers, exports: providers.map((provider) => (provider as { provide: symbol }).provide) })
export class ChatModule {}
