import type { Config } from '@app/config';
import { WarmUp, type WarmUpSource } from '@app/cache';
import { IncidentCatalog, LanguageModel, Log, PatternCatalog, PatternRepository } from '@app/domain';
import { AgentDirectory } from '@app/llm';
import { AnswerQuestion } from '@app/pipeline';
import { Module } from '@nestjs/common';
import { CONFIG } from './tokens.js';
import { WarmCache } from './warm-cache.js';

/** Patterns whose stored solutions are loaded: the most frequent of those seen last. */
const PATTERNS_LOOKED_AT = 100;
const PATTERNS_WARMED = 50;
/** How long answers to common questions are kept. */
const ANSWERS_KEPT_MS = 2 * 60 * 60_000;

/** What is warmed is read here, in one place. */
@Module({
  providers: [
    {
      provide: WarmCache,
      inject: [
        CONFIG,
        Log,
        AnswerQuestion,
        AgentDirectory,
        IncidentCatalog,
        PatternCatalog,
        PatternRepository,
        LanguageModel,
      ],
      useFactory: (
        config: Config,
        log: Log,
        answer: AnswerQuestion,
        agents: AgentDirectory,
        incidents: IncidentCatalog,
        catalog: PatternCatalog,
        patterns: PatternRepository,
        model: LanguageModel,
      ) =>
        new WarmCache(new WarmUp(log), {
          atStart: [activeAgents(agents), unfilteredViews(incidents)],
          onRequest: [
            frequentSolutions(catalog, patterns, model),
            commonQuestions(config.cache.warmQuestions, answer),
          ],
        }),
    },
  ],
  exports: [WarmCache],
})
export class WarmCacheModule {}

function activeAgents(agents: AgentDirectory): WarmUpSource {
  return {
    name: 'active_agents',
    reads: async () => {
      const active = (await agents.list()).filter(({ active: isActive }) => isActive);
      return active.map(
        ({ id }) =>
          () =>
            agents.get(id),
      );
    },
  };
}

function unfilteredViews(incidents: IncidentCatalog): WarmUpSource {
  return {
    name: 'facets_and_statistics',
    reads: async () => [() => incidents.facets({}), () => incidents.stats(null)],
  };
}

/** The stored diagnoses, solutions included, of the failures that happen most. */
function frequentSolutions(
  catalog: PatternCatalog,
  patterns: PatternRepository,
  model: LanguageModel,
): WarmUpSource {
  return {
    name: 'frequent_solutions',
    reads: async () => {
      const analyst = await model.identity();
      const { items } = await catalog.list({ minOccurrences: 2 }, PATTERNS_LOOKED_AT, null);
      return items
        .toSorted((a, b) => b.occurrences - a.occurrences)
        .slice(0, PATTERNS_WARMED)
        .map((pattern) => () => patterns.findDiagnosis(pattern, analyst));
    },
  };
}

/** What is asked outside any conversation, by people who may see everything. */
function commonQuestions(questions: readonly string[], answer: AnswerQuestion): WarmUpSource {
  const asked = { projectIds: null, visibleProjectIds: null, incidentId: null, sessionId: null, history: [] };
  return {
    name: 'common_questions',
    reads: async () =>
      questions.map((text) => () => answer.run({ ...asked, text }, { keepMs: ANSWERS_KEPT_MS })),
  };
}
