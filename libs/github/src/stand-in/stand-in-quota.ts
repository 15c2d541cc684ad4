/** The primary rate limit of one of the two APIs: so many requests until the reset. Answers 304 cost nothing. */
export class StandInQuota {
  limit = 5_000;
  remaining = 5_000;
  /** Milliseconds since the epoch; 0: an hour after the first request. */
  resetsAt = 0;
  /** Requests that came although the answers had said that none was left. */
  callsPastLimit = 0;

  /** @param resource `core`: the REST API; `graphql` */
  constructor(private readonly resource = 'core') {}

  /** Whether another request is served. */
  admits(): boolean {
    if (Date.now() >= this.resetsAt) {
      if (this.resetsAt > 0) this.remaining = this.limit;
      this.resetsAt = Date.now() + 3_600_000;
    }
    if (this.remaining > 0) return true;
    this.callsPastLimit += 1;
    return false;
  }

  spend(): void {
    this.remaining -= 1;
  }

  headers(): Readonly<Record<string, string>> {
    return {
      'x-ratelimit-limit': String(this.limit),
      'x-ratelimit-remaining': String(this.remaining),
      'x-ratelimit-used': String(this.limit - this.remaining),
      'x-ratelimit-reset': String(Math.ceil(this.resetsAt / 1_000)),
      'x-ratelimit-resource': this.resource,
    };
  }
}
