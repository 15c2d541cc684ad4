import { z } from 'zod';
import type { AnswerRepair } from '@app/domain';
import type { TokenUsage } from '../prices.js';
import { NO_TOKENS } from '../prices.js';
import { estimatedTokens } from '../tokens.js';
import { RefusedAnswer, UnusableAnswer } from './llm-failure.js';
import { parseAnswer, type ParsedAnswer } from './parse-answer.js';

const completionSchema = z.object({
  choices: z
    .array(
      z.object({
        // Reasoning that a server hands over in a field of its own is not looked at.
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  usage: z
    .object({
      prompt_tokens: z.number().min(0),
      completion_tokens: z.number().min(0),
      prompt_tokens_details: z.object({ cached_tokens: z.number().min(0).nullish() }).nullish(),
    })
    .nullish(),
});

export interface ReadAnswer<T> {
  readonly value: T;
  readonly usage: TokenUsage;
  readonly repair: AnswerRepair;
}

/**
 * The answer in a chat completion, as it came over the wire.
 * @param prompt what was sent, for servers that don't count tokens
 * @throws UnusableAnswer, RefusedAnswer
 */
export function readCompletion<T>(raw: unknown, schema: z.ZodType<T>, prompt: string): ReadAnswer<T> {
  const completion = completionSchema.safeParse(raw);
  if (!completion.success) throw new UnusableAnswer('it is no chat completion', NO_TOKENS);
  const { message, finish_reason: finish } = completion.data.choices[0]!;
  const content = message.content ?? '';
  const usage = usageOf(completion.data.usage, prompt, content);
  if (message.refusal) throw new RefusedAnswer('it refused', usage);
  if (finish === 'content_filter') throw new RefusedAnswer("the provider's content filter stopped it", usage);
  const parsed = parse(content, usage, finish);
  const checked = schema.safeParse(parsed.value);
  if (!checked.success) {
    const problem =
      parsed.repair === 'cut_off' ? cutOff(finish) : `wrong or missing are ${fields(checked.error)}`;
    throw new UnusableAnswer(problem, usage, content, checked.error);
  }
  // An answer that reads well may still have lost its end at the limit.
  const repair = finish === 'length' ? 'cut_off' : parsed.repair;
  return { value: checked.data, usage, repair };
}

function parse(content: string, usage: TokenUsage, finish: string | null | undefined): ParsedAnswer {
  try {
    return parseAnswer(content);
  } catch (error) {
    const problem = finish === 'length' ? cutOff(finish) : (error as Error).message;
    throw new UnusableAnswer(problem, usage, content, error);
  }
}

function cutOff(finish: string | null | undefined): string {
  return finish === 'length' ? 'it was cut off at the length limit' : 'it ends in the middle';
}

function fields(error: z.ZodError): string {
  return error.issues
    .slice(0, 10)
    .map((issue) => `${issue.path.join('.') || 'the whole'} (${issue.message})`)
    .join(', ');
}

function usageOf(
  counted: z.output<typeof completionSchema>['usage'],
  prompt: string,
  content: string,
): TokenUsage {
  if (counted) {
    return {
      inputTokens: counted.prompt_tokens,
      cachedInputTokens: Math.min(counted.prompt_tokens_details?.cached_tokens ?? 0, counted.prompt_tokens),
      outputTokens: counted.completion_tokens,
    };
  }
  return {
    inputTokens: estimatedTokens(prompt),
    cachedInputTokens: 0,
    outputTokens: estimatedTokens(content),
  };
}
