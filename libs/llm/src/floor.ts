import type { Answer, LanguageModel, Log } from '@app/domain';
import type { ModelCall } from './operations.js';
import type { UsageRecorder } from './usage-recorder.js';

/** The floor under every decorator that can't get an answer: somebody else's, with the reason in it. */
export class Floor {
  constructor(
    private readonly model: LanguageModel,
    private readonly usage: UsageRecorder,
    private readonly log: Log,
  ) {}

  /** @param reason `code: message`, for people and for whoever decides whether to ask again */
  async answer<T>(call: ModelCall<T>, reason: string): Promise<Answer<T>> {
    const { input, options } = call;
    this.log.warn({ operation: input.operation, incidentId: options.incidentId, reason }, 'llm_fallback');
    const { value, meta } = await call.ask(this.model, options);
    const fallback = { ...meta, fallbackReason: reason };
    await this.usage.answered(call, fallback, 'fallback');
    return { value, meta: fallback };
  }
}
