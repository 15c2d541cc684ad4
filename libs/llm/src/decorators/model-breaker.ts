import {
  circuitBreaker,
  handleWhen,
  CircuitState,
  type CircuitBreakerPolicy,
  type IBreaker,
} from 'cockatiel';
import { ExternalFailure } from '@app/domain';
import { UnresponsiveModel, UnusableAnswer } from '../openai/llm-failure.js';

/** So many failed tries in a row, over all operations of a model, and it is left alone for a while. */
export const BREAKER_FAILURES = 5;

/** Opens after failures in a row, or at once when nobody is there: the next one would wait as long for the same. */
class AwayBreaker implements IBreaker {
  /** Failures in a row; cockatiel's `state` of a breaker. */
  state: unknown = 0;
  nobodyThere = false;

  success(_state: CircuitState): void {
    this.state = 0;
    this.nobodyThere = false;
  }

  failure(_state: CircuitState): boolean {
    this.state = (this.state as number) + 1;
    return this.nobodyThere || (this.state as number) >= BREAKER_FAILURES;
  }
}

/** Leaves one model of one provider alone while it is away. */
export class ModelBreaker {
  private readonly breaker = new AwayBreaker();
  private readonly policy: CircuitBreakerPolicy;
  /** The call that tries whether the model is back; the others wait for what it finds. */
  private trial: Promise<void> | null = null;

  constructor(pauseMs: number, on: { readonly opened: () => void; readonly closed: () => void }) {
    this.policy = circuitBreaker(handleWhen(isAway), { halfOpenAfter: pauseMs, breaker: this.breaker });
    this.policy.onBreak(on.opened);
    this.policy.onReset(on.closed);
  }

  /** @throws BrokenCircuitError while the model is left alone */
  async execute<T>(call: () => Promise<T>): Promise<T> {
    await this.trial;
    const running = this.guarded(call);
    if (this.policy.state === CircuitState.Closed) return running;
    const ended = () => {
      this.trial = null;
    };
    this.trial = running.then(ended, ended);
    return running;
  }

  private guarded<T>(call: () => Promise<T>): Promise<T> {
    return this.policy.execute(async () => {
      try {
        return await call();
      } catch (error) {
        this.breaker.nobodyThere = error instanceof UnresponsiveModel;
        throw error;
      }
    });
  }
}

/** Whether the failure speaks against asking this model at all for now. */
function isAway(error: unknown): boolean {
  if (error instanceof UnusableAnswer) return false;
  if (error instanceof UnresponsiveModel) return true;
  return (error instanceof ExternalFailure && error.retryable) || isTimeout(error);
}

export function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}
