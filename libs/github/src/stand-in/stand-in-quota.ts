import { refused, type StandInAnswer } from './stand-in-route.js';

/** Whoever is told to wait may have calls on their way: those of so long after the telling are let off. */
const ON_THEIR_WAY_MS = 1_000;

/**
 * The limits of one of the two APIs. The primary one: so many requests until the reset; answers 304 cost nothing. The
 * secondary one: a pause at any time.
 */
export class StandInQuota {
  limit = 5_000;
  remaining = 5_000;
  /** Milliseconds since the epoch; 0: an hour after the first request. */
  resetsAt = 0;
  /** Requests that came although none was left, or in a pause. */
  callsPastLimit = 0;
  /** Of all requests those that came a second or more after an answer had told the client until when to wait. */
  unheeded = 0;
  private pausedUntil = 0;
  private told: { readonly at: number; readonly until: number } | null = null;

  /** @param resource `core`: the REST API; `graphql` */
  constructor(private readonly resource = 'core') {}

  /** Leaves so many requests for so long. */
  restrict(remaining: number, forMs: number): void {
    this.remaining = remaining;
    this.resetsAt = Date.now() + forMs;
  }

  /** Refuses everything for so long, as a secondary limit does. */
  pause(forMs: number): void {
    this.pausedUntil = Date.now() + forMs;
  }

  /** Who asks from now on has been told nothing: another process. */
  forgetTold(): void {
    this.told = null;
  }

  /** Counts a request that comes, whatever becomes of it. */
  arrived(): void {
    const now = Date.now();
    if (this.told && now < this.told.until && now - this.told.at >= ON_THEIR_WAY_MS) this.unheeded += 1;
  }

  /** The answer to a request that is one too many; null: it is served. @param usedUp what this API says then */
  refusal(usedUp: StandInAnswer): StandInAnswer | null {
    const now = Date.now();
    if (now >= this.resetsAt) {
      if (this.resetsAt > 0) this.remaining = this.limit;
      this.resetsAt = now + 3_600_000;
    }
    if (now < this.pausedUntil) {
      this.callsPastLimit += 1;
      this.tell(this.pausedUntil);
      const retryAfter = String(Math.ceil((this.pausedUntil - now) / 1_000));
      const message =
        'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
      return { ...refused(403, message), headers: { 'retry-after': retryAfter } };
    }
    if (this.remaining > 0) return null;
    this.callsPastLimit += 1;
    return usedUp;
  }

  spend(): void {
    this.remaining -= 1;
  }

  headers(): Readonly<Record<string, string>> {
    if (this.remaining <= 0) this.tell(this.resetsAt);
    return {
      'x-ratelimit-limit': String(this.limit),
      'x-ratelimit-remaining': String(this.remaining),
      'x-ratelimit-used': String(this.limit - this.remaining),
      'x-ratelimit-reset': String(Math.ceil(this.resetsAt / 1_000)),
      'x-ratelimit-resource': this.resource,
    };
  }

  /** The first telling counts. */
  private tell(until: number): void {
    if (this.told === null || this.told.until < until) this.told = { at: Date.now(), until };
  }
}
