import { setTimeout as sleep } from 'node:timers/promises';
import type { LlmConfig, LlmProviderConfig } from '@app/config';
import { ExternalFailure, type Answer, type LanguageModel, type RateLimiter } from '@app/domain';
import { mostOfOneTry } from '../call-bounds.js';
import type { ModelCall } from '../operations.js';
import { AroundEachOperation } from './around-each-operation.js';

const WINDOW_MS = 60_000;
/** All four operations of a diagnosis may wait so long and still leave it within its ten seconds. */
const MAX_WAIT_MS = 2_000;
/** Bytes are several times the tokens they make; what a minute holds is estimated, not bounded. */
const TOKENS_PER_BOUND = 1 / 3;

/**
 * Sends a provider no more requests and tokens a minute than it takes, over all processes that share the limiter. A call
 * that would have to wait longer than two seconds is not made.
 */
export class PacedLanguageModel extends AroundEachOperation {
  constructor(
    inner: LanguageModel,
    private readonly limiter: RateLimiter,
    private readonly provider: LlmProviderConfig,
    private readonly config: Pick<LlmConfig, 'rateLimit' | 'prices' | 'defaultPrice'>,
  ) {
    super(inner);
  }

  protected async around<T>(call: ModelCall<T>): Promise<Answer<T>> {
    const { requestsPerMinute, tokensPerMinute } = this.config.rateLimit;
    const { signal } = call.options;
    if (requestsPerMinute !== null) await this.take('requests', requestsPerMinute, 1, signal);
    if (tokensPerMinute !== null) {
      const { tokens } = mostOfOneTry(call, this.provider, this.config);
      await this.take('tokens', tokensPerMinute, Math.ceil(tokens * TOKENS_PER_BOUND), signal);
    }
    return call.ask(this.inner, call.options);
  }

  /** @throws ExternalFailure `llm_throttled` */
  private async take(
    what: 'requests' | 'tokens',
    limit: number,
    cost: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const subject = `llm:${this.provider.provider}:${what}`;
    const rule = { algorithm: 'sliding_window', limit, windowMs: WINDOW_MS } as const;
    let waitedMs = 0;
    for (;;) {
      const { allowed, retryAfterMs } = await this.limiter.consume(subject, rule, Math.min(cost, limit));
      if (allowed) return;
      if (waitedMs + retryAfterMs > MAX_WAIT_MS) {
        throw new ExternalFailure(`${limit} ${what} a minute are sent to ${this.provider.provider} already`, {
          code: 'llm_throttled',
          // Nothing is wrong with the model: it is not tried again now, and not left alone.
          retryable: false,
        });
      }
      waitedMs += retryAfterMs;
      await sleep(retryAfterMs, undefined, { signal });
    }
  }
}
