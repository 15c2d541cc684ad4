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

/** A try that ran into its time limit weighs more: five of them would hold up the first incidents for minutes. */
const TIMEOUT_WEIGHT = 3;
/** So long whoever tries a model that is ill waits for it, and everybody else with them; together below ten seconds. */
const TRIAL_PATIENCE_MS = 8_000;

/** The model is being tried again and takes its time: nobody waits for it any longer. The trial goes on. */
export class TrialTakesLong extends Error {
  /** @param isOwn the trial was made with the caller's own call */
  constructor(readonly isOwn: boolean) {
    super('The model is being tried again and takes its time.');
  }
}

/** Opens after failures in a row, or at once when nobody is there: the next one would wait as long for the same. */
class AwayBreaker implements IBreaker {
  /** Failures in a row; cockatiel's `state` of a breaker. */
  state: unknown = 0;
  nobodyThere = false;
  timedOut = false;

  success(_state: CircuitState): void {
    this.state = 0;
    this.nobodyThere = false;
  }

  failure(_state: CircuitState): boolean {
    this.state = (this.state as number) + (this.timedOut ? TIMEOUT_WEIGHT : 1);
    return this.nobodyThere || (this.state as number) >= BREAKER_FAILURES;
  }
}

/** Leaves one model of one provider alone while it is away. */
export class ModelBreaker {
  private readonly breaker = new AwayBreaker();
  private readonly policy: CircuitBreakerPolicy;
  /** The call that tries whether the model is back; the others wait for what it finds, while it doesn't take long. */
  private trial: { readonly ended: Promise<void>; readonly late: Promise<'late'> } | null = null;

  constructor(
    pauseMs: number,
    on: { readonly opened: () => void; readonly closed: () => void },
    private readonly patienceMs = TRIAL_PATIENCE_MS,
  ) {
    this.policy = circuitBreaker(handleWhen(isAway), { halfOpenAfter: pauseMs, breaker: this.breaker });
    this.policy.onBreak(on.opened);
    this.policy.onReset(on.closed);
  }

  /** @throws BrokenCircuitError while the model is left alone, TrialTakesLong while it is tried and doesn't answer soon */
  async execute<T>(call: () => Promise<T>): Promise<T> {
    if (this.trial !== null && (await Promise.race([this.trial.ended, this.trial.late])) === 'late') {
      throw new TrialTakesLong(false);
    }
    const running = this.guarded(call);
    if (this.policy.state === CircuitState.Closed) return running;
    const late = this.startTrial(running);
    const first = await Promise.race([
      running.then(
        () => null,
        () => null,
      ),
      late,
    ]);
    if (first === 'late') throw new TrialTakesLong(true);
    return running;
  }

  private startTrial(running: Promise<unknown>): Promise<'late'> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), this.patienceMs);
    });
    const ended = () => {
      clearTimeout(timer);
      this.trial = null;
    };
    this.trial = { late, ended: running.then(ended, ended) };
    return late;
  }

  private guarded<T>(call: () => Promise<T>): Promise<T> {
    return this.policy.execute(async () => {
      try {
        return await call();
      } catch (error) {
        this.breaker.nobodyThere = error instanceof UnresponsiveModel;
        this.breaker.timedOut = isTimeout(error) || codeOf(error) === 'llm_timeout';
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

function codeOf(error: unknown): string | null {
  return error instanceof ExternalFailure ? error.code : null;
}

export function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}
