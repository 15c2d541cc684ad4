import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai';
import { ExternalFailure } from '@app/domain';
import type { Correction } from '../operations.js';
import type { TokenUsage } from '../prices.js';

/** The model answered, and was paid for it, but not with what was asked for. Asking again may help. */
export class UnusableAnswer extends ExternalFailure {
  /** Not enumerable, and so in no log: it may hold anything. */
  readonly #answer: string;

  constructor(
    readonly problem: string,
    readonly usage: TokenUsage,
    answer = '',
    cause?: unknown,
  ) {
    super(`The model's answer can't be used: ${problem}.`, {
      code: 'llm_unusable_answer',
      retryable: true,
      cause,
    });
    this.#answer = answer;
  }

  /** What to show the model when it is asked once more; null when it said nothing. */
  get correction(): Correction | null {
    return this.#answer === '' ? null : { answer: this.#answer, problem: this.problem };
  }
}

/** The model declined to answer; so would it again. */
export class RefusedAnswer extends ExternalFailure {
  constructor(
    reason: string,
    readonly usage: TokenUsage,
  ) {
    super(`The model declined to answer: ${reason}.`, { code: 'llm_refused', retryable: false });
  }
}

/** Nobody is there: the server was silent, and to the question whether it is alive too. */
export class UnresponsiveModel extends ExternalFailure {
  constructor(model: string, silentMs: number, cause?: unknown) {
    super(`The server of ${model} takes requests and has been silent for ${silentMs} ms.`, {
      code: 'llm_unresponsive',
      retryable: false,
      cause,
      facts: { answerLost: true },
    });
  }
}

/**
 * Translates what the SDK threw for a call of `model`. Codes: `llm_unauthorized`, `llm_forbidden`, `llm_not_found`,
 * `llm_rejected`, `llm_quota_exhausted` (none retryable); `llm_rate_limited` (with retryAfterMs when the server named
 * it), `llm_timeout`, `llm_unavailable` (retryable).
 */
export function llmFailure(error: unknown, model: string): ExternalFailure {
  if (error instanceof ExternalFailure) return error;
  if (error instanceof APIConnectionTimeoutError) return timedOut(model, null, error);
  if (!(error instanceof APIError) || error instanceof APIConnectionError || error.status === undefined) {
    return new ExternalFailure(`${model} can't be reached: ${reasonOf(error)}.`, {
      code: 'llm_unavailable',
      retryable: true,
      cause: error,
      facts: { answerLost: !NEVER_SENT.test(codesOf(error)) },
    });
  }
  return byStatus(error, error.status as number, model);
}

/** Facts say `answerLost`: the request may have been answered and billed. */
export function timedOut(model: string, limitMs: number | null, cause: unknown): ExternalFailure {
  const within = limitMs === null ? 'in time' : `within ${limitMs} ms`;
  return new ExternalFailure(`${model} didn't answer ${within}.`, {
    code: 'llm_timeout',
    retryable: true,
    cause,
    facts: { answerLost: true },
  });
}

function byStatus(error: APIError, status: number, model: string): ExternalFailure {
  switch (status) {
    case 401:
      return failure(
        'llm_unauthorized',
        false,
        `The key for ${model} was refused (401). Check LLM_API_KEY.`,
        error,
      );
    case 403:
      return failure('llm_forbidden', false, `The key may not use ${model} (403).`, error);
    case 404:
      return failure(
        'llm_not_found',
        false,
        `The server doesn't know ${model} (404). Check LLM_MODEL and LLM_BASE_URL.`,
        error,
      );
    case 429:
      // OpenAI answers 429 also when the account's money is used up; waiting doesn't help then.
      if (error.code === 'insufficient_quota') {
        return failure(
          'llm_quota_exhausted',
          false,
          `The account's quota for ${model} is used up (429).`,
          error,
        );
      }
      return failure('llm_rate_limited', true, `${model} is asked too often (429).`, error);
    default:
      return status >= 500 || status === 408 || status === 409
        ? failure('llm_unavailable', true, `The server of ${model} answered ${status}.`, error)
        : failure('llm_rejected', false, `The server of ${model} rejected the request (${status}).`, error);
  }
}

function failure(code: string, retryable: boolean, message: string, cause: unknown): ExternalFailure {
  const headers = cause instanceof APIError ? (cause.headers as Headers | undefined) : undefined;
  const retryAfterMs = retryable && headers ? retryAfter(headers) : undefined;
  return new ExternalFailure(message, { code, retryable, retryAfterMs, cause });
}

/** `retry-after-ms`, or `Retry-After` in seconds or as a date. */
function retryAfter(headers: Headers): number | undefined {
  const ms = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** What keeps a connection from being made at all. */
const NEVER_SENT = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CERT|SSL|TLS/i;

function codesOf(error: unknown): string {
  const codes: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) {
    codes.push(String((at as NodeJS.ErrnoException).code ?? ''), at.message);
  }
  return codes.join(' ');
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const deepest = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return deepest instanceof Error ? deepest.message || deepest.name : String(deepest);
}
