import { APIError, OpenAI } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import { z } from 'zod';
import type { LlmConfig } from '@app/config';
import { ExternalFailure } from '@app/domain';
import { llmFailure, RefusedAnswer, UnusableAnswer, type TokenUsage } from './llm-failure.js';
import { parseAnswer } from './parse-answer.js';

/** How the server is told the shape of the answer, the strictest first. */
const FORMATS = ['json_schema', 'json_object', 'text'] as const;
type Format = (typeof FORMATS)[number];

const REFUSES_FORMAT = /response_format|json_schema|json_object|json mode|schema|structured output|guided/i;
const REFUSES_TEMPERATURE = /temperature/i;
/** For servers that don't count: about four characters a token in English and code. */
const CHARS_PER_TOKEN = 4;

const completionSchema = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
});

export interface StructuredQuestion<T> {
  /** Name of the answer's schema. */
  readonly name: string;
  readonly schema: z.ZodType<T>;
  readonly system: string;
  readonly user: string;
  /** The schema is written into the prompt too: for a model that answered wrongly before. */
  readonly explainSchema: boolean;
  readonly signal?: AbortSignal;
}

export interface StructuredAnswer<T> extends TokenUsage {
  readonly value: T;
}

/**
 * Chat completions of an OpenAI-compatible server whose answers are objects of a given schema. What a server doesn't
 * take (a JSON schema, JSON mode, a temperature) is left out from its first refusal on.
 */
export class StructuredChat {
  private readonly client: OpenAI;
  private format: Format = 'json_schema';
  private sendsTemperature = true;

  constructor(private readonly config: LlmConfig) {
    this.client = new OpenAI({
      baseURL: config.baseUrl,
      apiKey: config.apiKey,
      // Null: nothing is taken from environment variables that the product doesn't know.
      organization: null,
      project: null,
      timeout: config.timeoutMs,
      maxRetries: 0,
      logLevel: 'off',
    });
  }

  /** @throws ExternalFailure (see `llmFailure`); the signal's reason when it was aborted */
  async ask<T>(question: StructuredQuestion<T>): Promise<StructuredAnswer<T>> {
    const { signal } = question;
    signal?.throwIfAborted();
    const limit = AbortSignal.timeout(this.config.timeoutMs);
    const ended = signal ? AbortSignal.any([signal, limit]) : limit;
    try {
      return this.read(question, await this.complete(question, ended));
    } catch (error) {
      signal?.throwIfAborted();
      if (limit.aborted && !(error instanceof UnusableAnswer)) {
        throw new ExternalFailure(`${this.config.model} didn't answer within ${this.config.timeoutMs} ms.`, {
          code: 'llm_timeout',
          retryable: true,
          cause: error,
        });
      }
      throw llmFailure(error, this.config.model);
    }
  }

  private async complete<T>(question: StructuredQuestion<T>, signal: AbortSignal): Promise<unknown> {
    // Each refusal takes one thing away, so this ends.
    for (;;) {
      const { format, sendsTemperature } = this;
      try {
        return await this.client.chat.completions.create(this.request(question), { signal });
      } catch (error) {
        if (!this.learnFrom(error, format, sendsTemperature)) throw error;
      }
    }
  }

  /** Whether the server refused something of the request that can be left out; it is from now on. */
  private learnFrom(error: unknown, format: Format, sentTemperature: boolean): boolean {
    if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) return false;
    const said = `${error.message} ${error.param ?? ''}`;
    if (sentTemperature && REFUSES_TEMPERATURE.test(said)) {
      this.sendsTemperature = false;
      return true;
    }
    const next = FORMATS[FORMATS.indexOf(format) + 1];
    if (next === undefined || !REFUSES_FORMAT.test(said)) return false;
    // Another call may have learnt it meanwhile; never back to a stricter one.
    if (FORMATS.indexOf(next) > FORMATS.indexOf(this.format)) this.format = next;
    return true;
  }

  private request<T>(question: StructuredQuestion<T>): ChatCompletionCreateParamsNonStreaming {
    const explained = question.explainSchema || this.format !== 'json_schema';
    const shape = explained
      ? ` It must match this JSON schema:\n${JSON.stringify(z.toJSONSchema(question.schema))}`
      : '';
    const system = `${question.system}\n\nAnswer with one JSON object, “${question.name}”, and nothing else.${shape}`;
    return {
      model: this.config.model,
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: question.user },
      ],
      ...(this.sendsTemperature ? { temperature: 0 } : {}),
      ...responseFormat(this.format, question),
    };
  }

  private read<T>(question: StructuredQuestion<T>, raw: unknown): StructuredAnswer<T> {
    const completion = completionSchema.safeParse(raw);
    if (!completion.success) {
      throw new UnusableAnswer('it is no chat completion', { inputTokens: 0, outputTokens: 0 });
    }
    const { message, finish_reason: finish } = completion.data.choices[0]!;
    const content = message.content ?? '';
    const usage = usageOf(completion.data.usage, question, content);
    if (message.refusal) throw new RefusedAnswer('it refused', usage);
    if (finish === 'content_filter')
      throw new RefusedAnswer("the provider's content filter stopped it", usage);
    if (finish === 'length') throw new UnusableAnswer('it was cut off at the length limit', usage);
    let answer: unknown;
    try {
      answer = parseAnswer(content);
    } catch (error) {
      throw new UnusableAnswer((error as Error).message, usage, error);
    }
    const checked = question.schema.safeParse(answer);
    if (!checked.success) {
      const fields = checked.error.issues.map((issue) => issue.path.join('.') || 'the whole').join(', ');
      throw new UnusableAnswer(`wrong or missing are ${fields}`, usage, checked.error);
    }
    return { value: checked.data, ...usage };
  }
}

function responseFormat<T>(
  format: Format,
  question: StructuredQuestion<T>,
): Pick<ChatCompletionCreateParamsNonStreaming, 'response_format'> {
  switch (format) {
    case 'json_schema':
      return { response_format: zodResponseFormat(question.schema, question.name) };
    case 'json_object':
      return { response_format: { type: 'json_object' } };
    case 'text':
      return {};
  }
}

function usageOf(
  counted: z.output<typeof completionSchema>['usage'],
  question: { readonly system: string; readonly user: string },
  content: string,
): TokenUsage {
  if (counted) return { inputTokens: counted.prompt_tokens, outputTokens: counted.completion_tokens };
  return {
    inputTokens: Math.ceil((question.system.length + question.user.length) / CHARS_PER_TOKEN),
    outputTokens: Math.ceil(content.length / CHARS_PER_TOKEN),
  };
}
