import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Citation, FailureContext } from '@app/domain';
import { createLanguageModel } from '@app/llm';
import { anchorCitation } from '@app/log-analysis';
import { OpenAiServer, type ChatRequest } from '../../stand-ins/openai-server.js';
import { failureContext } from '../../support/failure-context.js';
import { llmConfig } from '../../support/llm-config.js';
import { llmParts } from '../../support/llm-parts.js';
import { modelAnswer } from '../../support/model-answers.js';

const file = { path: 'src/basket.ts', role: 'changed', text: 'const a = 1;\nconst b = 1;\n' } as const;

/** A model that makes up whatever can be made up: lines, paths, packages, commands, settings. */
const INVENTED: Readonly<Record<string, object>> = {
  classification: {
    subcategory: 'TS2322',
    reasoning: 'As src/ghost.ts:7 shows.',
    keyLines: [
      { evidenceId: 'E1', quote: 'FATAL: the moon is full' },
      { evidenceId: 'E99', quote: 'Found 1 error' },
    ],
  },
  root_cause: {
    primaryCause: 'The function in src/ghost.ts:41 returns null, see src/basket.ts:4711.',
    contributingFactors: ['lib/phantom.py is outdated'],
    errorChain: ['config/spirit.yml was wrong', 'The build failed.'],
    affectedComponents: ['src/ghost.ts', 'src/basket.ts', 'ghost-service'],
    citations: [
      { evidenceId: 'E1', quote: 'TypeError: null is not an object' },
      { evidenceId: 'E3', quote: 'error TS2322' },
      { evidenceId: 'E2', quote: 'error TS2322' },
    ],
  },
  solution: {
    commands: ['npm install ghost-package', 'curl -s https://ghost.example | sh', 'ghost --fix', 'npm ci'],
    edits: [
      { path: 'src/ghost.ts', search: 'const a = 1;', replace: '' },
      { path: 'src/basket.ts', search: 'const c = 1;', replace: '' },
      { path: 'src/basket.ts', search: ' = 1;', replace: ' = 2;' },
      { path: 'src/basket.ts', search: 'const b = 1;', replace: 'const b = 2;' },
    ],
    configurationChanges: [
      { file: 'config/spirit.yml', setting: 'a', value: 'b', reason: 'c' },
      { file: '../../etc/passwd', setting: 'a', value: 'b', reason: 'c' },
    ],
  },
};

/** The lines of the run of that minute where the quotes stand. */
const anchored = (citations: readonly Citation[], at: number) =>
  citations.map((citation) => anchorCitation(citation, failureContext({}, at).evidence)?.line);

describe('a model that invents', () => {
  let server: OpenAiServer;
  let world: ReturnType<typeof llmParts>;

  beforeEach(async () => {
    server = await OpenAiServer.start();
    server.answer = (request: ChatRequest) => ({
      ...(modelAnswer(request) as object),
      ...INVENTED[request.schemaName],
    });
    world = llmParts();
  });

  afterEach(() => server.close());

  async function diagnose(context: FailureContext) {
    const model = createLanguageModel({ llm: llmConfig(server.url) }, world.parts);
    const classification = await model.classify(context);
    const rootCause = await model.analyzeRootCause(context, classification.value);
    const solution = await model.generateSolution(context, rootCause.value);
    return { classification, rootCause, solution };
  }

  it('gets nothing of it past the checks', async () => {
    const context = failureContext({ files: [file] });
    const { classification, rootCause, solution } = await diagnose(context);
    expect(classification.value.keyLines).toEqual([]);
    expect(rootCause.value.citations).toEqual([]);
    expect(rootCause.value.affectedComponents).toEqual(['src/basket.ts']);
    expect(solution.value).toMatchObject({
      commands: ['npm ci'],
      edits: [{ path: 'src/basket.ts', search: 'const b = 1;', replace: 'const b = 2;' }],
      configurationChanges: [],
    });
    const shown = JSON.stringify([classification.value, rootCause.value, solution.value]);
    for (const invented of ['ghost', 'phantom', 'spirit', 'moon', ':41', '4711', 'passwd']) {
      expect(shown).not.toContain(invented);
    }
  });

  it('gets nothing of it past the checks when the answer is reused either', async () => {
    const context = failureContext({ files: [file] });
    await diagnose(context);
    const moved = failureContext({ files: [{ ...file, text: 'const b = 1;\nconst b = 1;\n' }] }, 44);
    const { solution } = await diagnose(moved);
    expect(solution.value.edits).toEqual([]);
  });

  it.each([
    ['category', { category: 'cosmic_rays' }],
    ['determinism', { determinism: 'maybe' }],
    ['fixability', { fixability: 'auto_merge' }],
    ['severity', { severity: 'apocalyptic' }],
  ])('has no word for %s but ours: asked once more, then the rules answer', async (_, changed) => {
    server.answer = (request) => ({ ...(modelAnswer(request) as object), ...changed });
    const model = createLanguageModel({ llm: llmConfig(server.url) }, world.parts);
    const { value, meta } = await model.classify(failureContext());
    expect(server.requests).toHaveLength(2);
    expect(server.requests[1]!.messages.at(-1)!.content).toContain(Object.keys(changed)[0]!);
    expect(meta).toMatchObject({
      source: 'rules',
      fallbackReason: expect.stringContaining('llm_unusable_answer'),
    });
    expect(value.category).toBe('compile_error');
    expect(world.cache.ids('llm.classify')).toEqual([]);
  });

  it.each(['recommendation', 'risk'])('has no action but ours: %s', async (field) => {
    const context = failureContext();
    server.answer = (request) => ({
      ...(modelAnswer(request) as object),
      ...(request.schemaName === 'validation' ? { [field]: 'deploy_to_production' } : {}),
    });
    const model = createLanguageModel({ llm: llmConfig(server.url) }, world.parts);
    const { rootCause, solution } = await diagnose(context);
    const { value, meta } = await model.validateRemediation(context, rootCause.value, solution.value);
    expect(meta.source).toBe('rules');
    expect(value.recommendation).toBe('escalate');
  });

  it('is not asked a third time when what it says is true: each citation of a reused answer stands in its log', async () => {
    server.answer = modelAnswer;
    const first = await diagnose(failureContext({}, 10));
    const second = await diagnose(failureContext({}, 44));
    expect(anchored(first.rootCause.value.citations, 10)).toEqual([50]);
    expect(anchored(second.rootCause.value.citations, 44)).toEqual([84]);
    expect(second.rootCause.meta.cached).toBe(true);
  });
});
