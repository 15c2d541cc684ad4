import { OpenAI } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import { z } from 'zod';
import type { LlmProviderConfig } from '@app/config';
import type { Correction } from '../operations.js';
import { llmFailure, timedOut, UnresponsiveModel, UnusableAnswer } from './llm-failure.js';
import { readCompletion, type ReadAnswer } from './read-completion.js';
import { serverAlive } from './server-alive.js';
import { ServerLimits, type Format, type RequestShape } from './server-limits.js';

/** A server that is silent for so long is asked whether it is alive; together they stay below ten seconds. */
const SILENCE_MS = 5_000;
const ALIVE_LIMIT_MS = 2_500;
/** Of an answer that couldn't be used, so much is shown to the model again. */
const MAX_CORRECTED_CHARS = 6_000;

export interface StructuredQuestion<T> {
  readonly model: string;
  /** Name of the answer's schema. */
  readonly name: string;
  readonly schema: z.ZodType<T>;
  readonly system: string;
  readonly user: string;
  /** The schema is written into the prompt too: for a model that answered wrongly before. */
  readonly explainSchema: boolean;
  readonly correction?: Correction;
  readonly signal?: AbortSignal;
}

export interface ChatTimes {
  readonly silenceMs: number;
  readonly aliveLimitMs: number;
}

/**
 * Chat completions of an OpenAI-compatible server whose answers are objects of a given schema. What a server doesn't
 * take (a JSON schema, JSON mode, a temperature, the name of a limit) is left out from its first refusal on.
 */
export class StructuredChat {
  private readonly client: OpenAI;
  /** By model: one server may serve models that take different things. */
  private readonly limits = new Map<string, ServerLimits>();

  constructor(
    private readonly config: LlmProviderConfig,
    private readonly times: ChatTimes = { silenceMs: SILENCE_MS, aliveLimitMs: ALIVE_LIMIT_MS },
  ) {
    this.client = openAiClient(config);
  }

  /** @throws ExternalFailure (see `llmFailure`); the signal's reason when it was aborted */
  async ask<T>(question: StructuredQuestion<T>): Promise<ReadAnswer<T>> {
    const { signal, model } = question;
    signal?.throwIfAborted();
    const { timeoutMs } = this.config;
    const limit = AbortSignal.timeout(timeoutMs);
    const silence = new AbortController();
    const ended = AbortSignal.any([limit, silence.signal, ...(signal ? [signal] : [])]);
    const watch = this.watchSilence(model, silence, ended);
    try {
      return await this.complete(question, ended);
    } catch (error) {
      signal?.throwIfAborted();
      if (silence.signal.aborted) throw silence.signal.reason;
      if (limit.aborted && !(error instanceof UnusableAnswer)) throw timedOut(model, timeoutMs, error);
      throw llmFailure(error, model);
    } finally {
      clearTimeout(watch);
    }
  }

  /** Slow is not away: only a server that doesn't even say that it is there is given up early. */
  private watchSilence(model: string, silence: AbortController, ended: AbortSignal): NodeJS.Timeout {
    const { silenceMs, aliveLimitMs } = this.times;
    return setTimeout(() => {
      void serverAlive(this.client, aliveLimitMs, ended).then((alive) => {
        if (!alive && !ended.aborted) silence.abort(new UnresponsiveModel(model, silenceMs + aliveLimitMs));
      });
    }, silenceMs);
  }

  private async complete<T>(question: StructuredQuestion<T>, signal: AbortSignal): Promise<ReadAnswer<T>> {
    const limits = this.limitsOf(question.model);
    // Each refusal takes one thing away, so this ends.
    for (;;) {
      const shape = limits.current;
      const request = this.request(question, shape);
      let raw: unknown;
      try {
        raw = await this.client.chat.completions.create(request, { signal });
      } catch (error) {
        if (!limits.learnFrom(error, shape)) throw error;
        continue;
      }
      return readCompletion(raw, question.schema, JSON.stringify(request.messages));
    }
  }

  /** How the model's answers are asked for, as far as its server was found to take it. */
  formatOf(model: string): Format {
    return this.limitsOf(model).current.format;
  }

  private limitsOf(model: string): ServerLimits {
    let limits = this.limits.get(model);
    if (limits === undefined) {
      limits = new ServerLimits(this.config.provider === 'openai' ? 'max_completion_tokens' : 'max_tokens');
      this.limits.set(model, limits);
    }
    return limits;
  }

  private request<T>(
    question: StructuredQuestion<T>,
    shape: RequestShape,
  ): ChatCompletionCreateParamsNonStreaming {
    const explained = question.explainSchema || shape.format !== 'json_schema';
    return {
      model: question.model,
      messages: messagesOf(question, explained),
      [shape.lengthField]: this.config.maxOutputTokens,
      ...(shape.sendsTemperature ? { temperature: 0 } : {}),
      ...responseFormat(shape, question),
    };
  }
}

/** The SDK for one provider: time limits, retries and logging are ours. */
export function openAiClient(config: Pick<LlmProviderConfig, 'baseUrl' | 'apiKey' | 'timeoutMs'>): OpenAI {
  return new OpenAI({
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

/** Everything of the messages that doesn't depend on the server, for those who count it before it is sent. */
export function systemMessage(system: string, name: string, schema: z.ZodType | null): string {
  const shape =
    schema === null ? '' : ` It must match this JSON schema:\n${JSON.stringify(z.toJSONSchema(schema))}`;
  return `${system}\n\nAnswer with one JSON object, “${name}”, and nothing else.${shape}`;
}

function messagesOf<T>(question: StructuredQuestion<T>, explained: boolean): ChatCompletionMessageParam[] {
  const { system, name, schema, user, correction } = question;
  const asked: ChatCompletionMessageParam[] = [
    { role: 'system', content: systemMessage(system, name, explained ? schema : null) },
    { role: 'user', content: user },
  ];
  if (correction === undefined) return asked;
  return [
    ...asked,
    { role: 'assistant', content: correction.answer.slice(0, MAX_CORRECTED_CHARS) },
    {
      role: 'user',
      content: `That answer can't be used: ${correction.problem}. Give the whole answer again, shorter where it was cut off, as one JSON object that matches the schema.`,
    },
  ];
}

function responseFormat<T>(
  { format }: RequestShape,
  { schema, name }: StructuredQuestion<T>,
): Pick<ChatCompletionCreateParamsNonStreaming, 'response_format'> {
  switch (format) {
    case 'json_schema':
      return { response_format: zodResponseFormat(schema, name) };
    case 'json_object':
      return { response_format: { type: 'json_object' } };
    case 'text':
      return {};
  }
}
