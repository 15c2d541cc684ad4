import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ATTRIBUTIONS,
  DETERMINISMS,
  FAILURE_CATEGORIES,
  FIXABILITIES,
  RECOMMENDATIONS,
  RISKS,
  SEVERITIES,
  type Answer,
  type CallOptions,
  type LanguageModel,
} from '@app/domain';
import { anchorCitation } from '@app/log-analysis';
import { failureContext } from '../support/failure-context.js';

export interface LanguageModelUnderTest {
  readonly model: LanguageModel;
  close(): Promise<void>;
}

/** What every LanguageModel does, whoever answers. */
export function languageModelContract(name: string, create: () => Promise<LanguageModelUnderTest>): void {
  describe(`LanguageModel: ${name}`, () => {
    let sut: LanguageModelUnderTest;
    const context = failureContext();

    beforeEach(async () => {
      sut = await create();
    });

    afterEach(() => sut.close());

    /** All four operations, in the order of a diagnosis. */
    async function askAll(options?: CallOptions, of = context) {
      const classification = await sut.model.classify(of, options);
      const rootCause = await sut.model.analyzeRootCause(of, classification.value, options);
      const solution = await sut.model.generateSolution(of, rootCause.value, options);
      const validation = await sut.model.validateRemediation(of, rootCause.value, solution.value, options);
      return { classification, rootCause, solution, validation };
    }

    it('names who answers, always the same', async () => {
      const identity = await sut.model.identity();
      expect(identity).toMatch(/^[\w.-]+:\S+$/);
      expect(await sut.model.identity()).toBe(identity);
    });

    it('classifies in the closed vocabulary', async () => {
      const { value } = await sut.model.classify(context);
      expect(FAILURE_CATEGORIES).toContain(value.category);
      expect(SEVERITIES).toContain(value.severity);
      expect(DETERMINISMS).toContain(value.determinism);
      expect(ATTRIBUTIONS).toContain(value.attribution);
      expect(FIXABILITIES).toContain(value.fixability);
      expect(value.confidence).toBeGreaterThanOrEqual(0);
      expect(value.confidence).toBeLessThanOrEqual(1);
      expect(value.reasoning).not.toBe('');
      for (const line of value.keyLines) expect(anchorCitation(line, context.evidence)).not.toBeNull();
    });

    it('gives a root cause whose every citation stands in the evidence', async () => {
      const { value } = (await askAll()).rootCause;
      expect(value.primaryCause).not.toBe('');
      expect(value.citations.length).toBeGreaterThan(0);
      for (const citation of value.citations) {
        expect(anchorCitation(citation, context.evidence)).not.toBeNull();
      }
    });

    it('cites nothing when there is no evidence', async () => {
      const bare = failureContext({ evidence: [], findings: [], excerpt: '', signature: '' });
      expect((await askAll(undefined, bare)).rootCause.value.citations).toEqual([]);
    });

    it('gives a solution and judges it', async () => {
      const { solution, validation } = await askAll();
      expect(solution.value.summary).not.toBe('');
      expect(RISKS).toContain(solution.value.risk);
      expect(RISKS).toContain(validation.value.risk);
      expect(RECOMMENDATIONS).toContain(validation.value.recommendation);
    });

    const question = {
      projectId: context.projectId,
      sessionId: 's-1',
      question: 'Which type error broke the build?',
      history: [],
      sources: [
        { id: 'S1', title: 'The log', text: "src/basket.ts: error TS2322: Type 'string' is no number." },
      ],
    };

    it('answers a question from its sources, every quote as it stands there', async () => {
      const { value } = await sut.model.answer(question);
      expect(value.text).not.toBe('');
      expect(value.grounded).toBe(true);
      for (const { evidenceId, quote } of value.citations) {
        expect(evidenceId).toBe('S1');
        expect(question.sources[0]!.text).toContain(quote);
      }
    });

    it('says so when no source bears its answer', async () => {
      const { value } = await sut.model.answer({ ...question, sources: [] });
      expect(value).toMatchObject({ citations: [], grounded: false });
    });

    it('says who answered and what it cost', async () => {
      const answers: Answer<unknown>[] = Object.values(await askAll({ incidentId: 'i-1' }));
      for (const { meta } of answers) {
        expect(['model', 'rules']).toContain(meta.source);
        expect([meta.provider, meta.model, meta.promptVersion]).not.toContain('');
        for (const figure of [meta.costUsd, meta.latencyMs, meta.inputTokens, meta.outputTokens]) {
          expect(figure).toBeGreaterThanOrEqual(0);
        }
      }
    });

    it('gives answers that survive being stored as JSON', async () => {
      const answers = await askAll();
      expect(JSON.parse(JSON.stringify(answers))).toEqual(answers);
    });

    it("stops for an aborted signal, with the signal's reason", async () => {
      const reason = new Error('shutting down');
      const signal = AbortSignal.abort(reason);
      const { rootCause, solution } = await askAll();
      await expect(sut.model.classify(context, { signal })).rejects.toBe(reason);
      await expect(
        sut.model.validateRemediation(context, rootCause.value, solution.value, { signal }),
      ).rejects.toBe(reason);
    });
  });
}
