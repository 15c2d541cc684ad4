import { describe, expect, it } from 'vitest';
import { FAILURE_CATEGORIES, type RuleVerdict } from '@app/domain';
import { RULES_VERSION } from '@app/log-analysis';
import { failureContext } from '../../../../test/support/failure-context.js';
import { RuleAnalyst } from './rule-analyst.js';

const rules = new RuleAnalyst();
const withVerdict = (changed: Partial<RuleVerdict>) =>
  failureContext({ ruleVerdict: { ...failureContext().ruleVerdict, ...changed } });

async function remedy(verdict: Partial<RuleVerdict>) {
  const context = withVerdict(verdict);
  const classification = await rules.classify(context);
  const cause = await rules.analyzeRootCause(context, classification.value);
  const solution = await rules.generateSolution(context, cause.value);
  const validation = await rules.validateRemediation(context, cause.value, solution.value);
  return { classification, cause, solution, validation };
}

describe('RuleAnalyst', () => {
  it('answers with the verdict of the rules, at no cost, and says so', async () => {
    const { value, meta } = await rules.classify(failureContext());
    expect(value).toMatchObject({
      category: 'compile_error',
      subcategory: 'TS2322',
      determinism: 'deterministic',
      attribution: 'change',
      fixability: 'code_patch',
      confidence: 0.96,
    });
    expect(meta).toMatchObject({ source: 'rules', provider: 'rules', costUsd: 0, fallbackReason: null });
  });

  it('carries the version of the rules in its name, so that new rules diagnose anew', async () => {
    expect(await rules.identity()).toBe(`rules:${RULES_VERSION}`);
  });

  it("cites the line a tool's message stands in, not the line the evidence begins with", async () => {
    const { value } = await rules.analyzeRootCause(failureContext(), (await remedy({})).classification.value);
    expect(value.primaryCause).toBe("tsc: Type 'string' is not assignable to type 'number'. (src/basket.ts)");
    expect(value.citations[0]).toEqual({
      evidenceId: 'E1',
      quote:
        "2026-11-20T10:10:31.1234567Z src/basket.ts(10,7): error TS2322: Type 'string' is not assignable to type 'number'.",
    });
    expect(value.affectedComponents).toEqual(['src/basket.ts']);
  });

  it('takes a suggestion that is a command as one', async () => {
    const { solution } = await remedy({ suggestion: 'npx prettier --write .' });
    expect(solution.value.commands).toEqual(['npx prettier --write .']);
    expect(solution.value.summary).toBe('Run `npx prettier --write .`.');
  });

  it('takes a quoted command out of a sentence, and no quoted name', async () => {
    const { solution } = await remedy({ suggestion: 'Add `left-pad` and run `npm install` to lock it.' });
    expect(solution.value.commands).toEqual(['npm install']);
    expect(solution.value.summary).toBe('Add `left-pad` and run `npm install` to lock it.');
  });

  it('lets only a rerun of a passing failure go ahead without a person', async () => {
    const rerun = await remedy({ category: 'network', fixability: 'rerun', determinism: 'transient' });
    expect(rerun.validation.value).toMatchObject({ safe: true, recommendation: 'proceed', risk: 'low' });
    for (const verdict of [
      { fixability: 'rerun', determinism: 'deterministic' },
      { fixability: 'code_patch', determinism: 'transient' },
      { fixability: 'rerun', determinism: 'transient', suggestion: 'rm -rf node_modules' },
    ] as const) {
      expect((await remedy(verdict)).validation.value.recommendation).toBe('escalate');
    }
  });

  it('has something to say about every category, and calls nothing it did not recognise appropriate', async () => {
    for (const category of FAILURE_CATEGORIES) {
      const { classification, solution, validation } = await remedy({ category, subcategory: null });
      expect(classification.value.reasoning).not.toBe('');
      expect(solution.value.summary).not.toBe('');
      expect(validation.value.appropriate).toBe(category !== 'unknown');
    }
  });
});
