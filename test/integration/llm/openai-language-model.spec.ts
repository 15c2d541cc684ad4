import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LlmConfig } from '@app/config';
import { OpenAiLanguageModel } from '@app/llm';
import { OpenAiServer, type ChatRequest } from '../../stand-ins/openai-server.js';
import { failureContext } from '../../support/failure-context.js';
import { allModels, llmConfig } from '../../support/llm-config.js';
import { modelAnswer } from '../../support/model-answers.js';

const context = failureContext();

describe('OpenAiLanguageModel over HTTP', () => {
  let server: OpenAiServer;

  beforeEach(async () => {
    server = await OpenAiServer.start();
    server.answer = modelAnswer;
  });

  afterEach(() => server.close());

  const model = (changed: Partial<LlmConfig> = {}) => {
    const config = llmConfig(server.url, changed);
    return new OpenAiLanguageModel(config, config);
  };
  const answering = (schemaName: string, changed: object) => {
    server.answer = (request: ChatRequest) =>
      request.schemaName === schemaName
        ? { ...(modelAnswer(request) as object), ...changed }
        : modelAnswer(request);
  };

  describe('the request', () => {
    it('asks with the configured key and model, for a strict JSON schema with closed vocabularies', async () => {
      server.requiredKey = 'test-key';
      await model().classify(context);
      const [request] = server.requests;
      expect(request).toMatchObject({ model: 'stand-in:8b', format: 'json_schema', temperature: 0 });
      expect(request!.body['response_format']).toMatchObject({
        json_schema: {
          name: 'classification',
          strict: true,
          schema: {
            additionalProperties: false,
            properties: { category: { enum: expect.arrayContaining(['compile_error', 'unknown']) } },
          },
        },
      });
    });

    it('fences the failure with a boundary that differs from call to call', async () => {
      await model().classify(context);
      await model().classify(context);
      const [first, second] = server.requests.map(({ user }) => /<<<([0-9a-f]{18})\n/.exec(user)?.[1]);
      expect(first).toBeDefined();
      expect(first).not.toBe(second);
      expect(server.requests[0]!.user).toContain('[E1]\n');
    });

    it('asks no question of a server while the caller has given up', async () => {
      const signal = AbortSignal.abort(new Error('shutting down'));
      await expect(model().classify(context, { signal })).rejects.toThrow('shutting down');
      expect(server.requests).toEqual([]);
    });
  });

  describe('the answer', () => {
    it('counts tokens and cost by the configured prices', async () => {
      const { meta } = await model().classify(context);
      expect(meta).toMatchObject({
        source: 'model',
        provider: 'custom',
        model: 'stand-in:8b',
        promptVersion: 'classify.v2',
        inputTokens: 1_000,
        outputTokens: 200,
        fallbackReason: null,
      });
      expect(meta.costUsd).toBeCloseTo(0.004, 10);
    });

    it('estimates the tokens of a server that does not count', async () => {
      server.usage = null;
      const { meta } = await model().classify(context);
      expect(meta.inputTokens).toBeGreaterThan(500);
      expect(meta.outputTokens).toBeGreaterThan(20);
    });

    it('drops citations that the model invented', async () => {
      const standing = { evidenceId: 'E2', quote: 'Found 1 error in src/basket.ts' };
      answering('root_cause', {
        citations: [
          { evidenceId: 'E1', quote: 'error TS9999: invented' },
          standing,
          { evidenceId: 'E9', quote: 'Found 1' },
        ],
      });
      const { value: classification } = await model().classify(context);
      const { value } = await model().analyzeRootCause(context, classification);
      expect(value.citations).toEqual([standing]);
    });

    it.each([
      ['a category of its own', { category: 'cosmic_rays' }],
      ['a confidence in per cent', { confidence: 95 }],
      ['a missing field', { severity: undefined }],
      ['a text for an enum', { determinism: 'it depends' }],
    ])('refuses %s, naming the field, with the tokens it cost', async (_, changed) => {
      answering('classification', changed);
      await expect(model().classify(context)).rejects.toMatchObject({
        code: 'llm_unusable_answer',
        retryable: true,
        usage: { inputTokens: 1_000, outputTokens: 200 },
        message: expect.stringContaining(Object.keys(changed)[0]!),
      });
    });

    it('refuses a root cause that says nothing', async () => {
      answering('root_cause', { primaryCause: ' ' });
      const { value: classification } = await model().classify(context);
      await expect(model().analyzeRootCause(context, classification)).rejects.toMatchObject({
        code: 'llm_unusable_answer',
        message: expect.stringContaining('primaryCause'),
      });
    });

    it('writes the schema into the prompt when it asks again', async () => {
      await model().classify(context, { attempt: 2 });
      expect(server.requests[0]!.system).toContain('"enum":["test_failure"');
    });
  });

  describe('servers that can do less', () => {
    it.each(['json_object', 'text'] as const)(
      'finds out that a server takes no more than %s, once, and writes the schema into the prompt',
      async (format) => {
        server.formats = format === 'text' ? ['text'] : ['json_object', 'text'];
        const asking = model();
        expect((await asking.classify(context)).value.category).toBe('compile_error');
        const refusals = server.requests.length - 1;
        await asking.classify(context);
        expect(refusals).toBe(format === 'text' ? 2 : 1);
        expect(server.requests.length).toBe(refusals + 2);
        expect(server.requests.at(-1)).toMatchObject({ format });
        expect(server.requests.at(-1)!.system).toContain('"enum":["test_failure"');
      },
    );

    it('calls the limit of an answer what the model calls it', async () => {
      server.fail({ kind: 'status', status: 400, error: { message: "Unsupported parameter: 'max_tokens'" } });
      const asking = model({ maxOutputTokens: 777 });
      await asking.classify(context);
      await asking.classify(context);
      expect(server.requests.map(({ body }) => [body['max_tokens'], body['max_completion_tokens']])).toEqual([
        [777, undefined],
        [undefined, 777],
        [undefined, 777],
      ]);
    });

    it('asks each operation of its own model', async () => {
      const models = { ...allModels('small'), root_cause: 'large' };
      const asking = model({ models });
      const { value, meta } = await asking.classify(context);
      const cause = await asking.analyzeRootCause(context, value);
      expect([meta.model, cause.meta.model]).toEqual(['small', 'large']);
      expect(server.requests.map((request) => request.model)).toEqual(['small', 'large']);
      expect(await asking.identity()).toMatch(/^custom:small\+large:/);
    });

    it('mends an answer that is cut off, and says so', async () => {
      const whole = JSON.stringify(modelAnswer({ schemaName: 'classification', user: '' } as ChatRequest));
      server.fail({ kind: 'text', text: whole.slice(0, whole.indexOf(',"keyLines"')) + ', "keyLines": [' });
      const { value, meta } = await model().classify(context);
      expect(value).toMatchObject({ category: 'compile_error', keyLines: [] });
      expect(meta.repair).toBe('cut_off');
    });

    it('shows the model what was wrong with its answer when it is asked once more', async () => {
      const correction = { answer: '{"category": "oops"}', problem: 'wrong or missing are category' };
      await model().classify(context, { attempt: 2, correction });
      const [system, user, said, wrong] = server.requests[0]!.messages;
      expect([system!.role, user!.role, said!.role, wrong!.role]).toEqual([
        'system',
        'user',
        'assistant',
        'user',
      ]);
      expect(said!.content).toBe(correction.answer);
      expect(wrong!.content).toContain('wrong or missing are category');
    });

    it('counts tokens that the provider had in its cache at their own price', async () => {
      server.usage = {
        prompt_tokens: 1_000,
        completion_tokens: 200,
        prompt_tokens_details: { cached_tokens: 600 },
      };
      const defaultPrice = { inputUsdPerMillion: 2, cachedInputUsdPerMillion: 1, outputUsdPerMillion: 10 };
      const { meta } = await model({ defaultPrice }).classify(context);
      expect(meta.cachedInputTokens).toBe(600);
      expect(meta.costUsd).toBeCloseTo(0.0034, 10);
    });

    it('leaves out the temperature for a model that takes none', async () => {
      server.takesTemperature = false;
      const asking = model();
      await asking.classify(context);
      await asking.classify(context);
      expect(server.requests.map(({ temperature }) => temperature)).toEqual([0, undefined, undefined]);
    });

    it('reads an answer that comes in prose', async () => {
      server.formats = ['text'];
      const json = JSON.stringify(modelAnswer({ schemaName: 'classification', user: '' } as ChatRequest));
      const asking = model();
      await asking.classify(context);
      server.fail({ kind: 'text', text: `<think>hm</think>Sure!\n\`\`\`json\n${json}\n\`\`\`` });
      expect((await asking.classify(context)).value.subcategory).toBe('TS2322');
    });
  });

  describe('failures', () => {
    it.each([
      [400, 'llm_rejected', false],
      [401, 'llm_unauthorized', false],
      [403, 'llm_forbidden', false],
      [404, 'llm_not_found', false],
      [408, 'llm_unavailable', true],
      [409, 'llm_unavailable', true],
      [429, 'llm_rate_limited', true],
      [500, 'llm_unavailable', true],
      [503, 'llm_unavailable', true],
    ])('translates %i to %s, asking once', async (status, code, retryable) => {
      server.fail({ kind: 'status', status }, 5);
      await expect(model().classify(context)).rejects.toMatchObject({ code, retryable });
      expect(server.requests).toHaveLength(1);
    });

    it.each([
      ['retry-after', '7', 7_000],
      ['retry-after-ms', '250', 250],
    ])('passes on the pause that %s names', async (header, value, retryAfterMs) => {
      server.fail({ kind: 'status', status: 429, headers: { [header]: value } });
      await expect(model().classify(context)).rejects.toMatchObject({
        code: 'llm_rate_limited',
        retryAfterMs,
      });
    });

    it('sees that money has run out, which no waiting helps', async () => {
      server.fail({ kind: 'status', status: 429, error: { code: 'insufficient_quota' } });
      await expect(model().classify(context)).rejects.toMatchObject({
        code: 'llm_quota_exhausted',
        retryable: false,
      });
    });

    it.each([
      ['a cut connection', { kind: 'cut' }, 'llm_unavailable', true],
      ['a page of HTML', { kind: 'garbage' }, 'llm_unavailable', true],
      ['JSON that is no completion', { kind: 'garbage', body: '{"ok":true}' }, 'llm_unusable_answer', true],
      ['prose', { kind: 'text', text: 'I think it is the compiler.' }, 'llm_unusable_answer', true],
      ['an answer cut off', { kind: 'finish', reason: 'length' }, 'llm_unusable_answer', true],
      ['a content filter', { kind: 'finish', reason: 'content_filter' }, 'llm_refused', false],
      ['a refusal', { kind: 'refusal', text: 'I can not help with that.' }, 'llm_refused', false],
    ] as const)('translates %s', async (_, failure, code, retryable) => {
      server.fail(failure);
      await expect(model().classify(context)).rejects.toMatchObject({ code, retryable });
    });

    it('gives up a server that stays silent', async () => {
      server.fail({ kind: 'silence' });
      await expect(model({ timeoutMs: 120 }).classify(context)).rejects.toMatchObject({
        code: 'llm_timeout',
        retryable: true,
      });
    });

    it('ends the request when the caller gives up', async () => {
      server.fail({ kind: 'silence' });
      const caller = new AbortController();
      const asking = model({ timeoutMs: 60_000 }).classify(context, { signal: caller.signal });
      await server.reached(1);
      caller.abort(new Error('shutting down'));
      await expect(asking).rejects.toThrow('shutting down');
      await server.left(1);
    });

    it('says that nothing listens', async () => {
      const asking = model();
      await server.close();
      await expect(asking.classify(context)).rejects.toMatchObject({
        code: 'llm_unavailable',
        retryable: true,
        message: expect.stringContaining('ECONNREFUSED'),
      });
      server = await OpenAiServer.start();
    });

    it('puts neither the key nor the log into an error', async () => {
      server.fail({ kind: 'status', status: 500 });
      const error = (await model({ apiKey: 'sk-very-secret' })
        .classify(context)
        .catch((e: unknown) => e)) as Error;
      const seen = JSON.stringify([String(error), error, { ...error }, { ...(error.cause as object) }]);
      expect(seen).not.toContain('sk-very-secret');
      expect(seen).not.toContain('basket.ts');
    });
  });
});
