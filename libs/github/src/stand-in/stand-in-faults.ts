import type { InjectedFailure } from './injected-failure.js';

/** What goes wrong at the stand-in, and when. */
export class StandInFaults<Route extends string = string> {
  /** Every answer waits this long first. */
  delayMs = 0;
  /** Awaited before every answer, so that a test can hold or watch one. */
  beforeAnswer: (route: Route) => void | Promise<void> = () => undefined;
  /** How many requests have got a failure for an answer. */
  given = 0;
  private readonly queued: { route: Route; failure: InjectedFailure }[] = [];
  private share: { of: number; failures: readonly InjectedFailure[]; random: () => number } | null = null;

  /** The next `times` requests of a route get the failure for an answer. */
  fail(route: Route, failure: InjectedFailure, times = 1): void {
    for (let i = 0; i < times; i += 1) this.queued.push({ route, failure });
  }

  /** Of all requests, this share (0–1) gets one of the failures, drawn by `random`. 0 ends it. */
  failShare(
    share: number,
    failures: readonly InjectedFailure[] = [{ kind: 'status', status: 502 }],
    random: () => number = Math.random,
  ): void {
    this.share = share > 0 ? { of: share, failures, random } : null;
  }

  /** The failure that the next request of a route gets. */
  take(route: Route): InjectedFailure | null {
    const failure = this.draw(route);
    if (failure) this.given += 1;
    return failure;
  }

  private draw(route: Route): InjectedFailure | null {
    const next = this.queued.findIndex((queued) => queued.route === route);
    if (next >= 0) return this.queued.splice(next, 1)[0]!.failure;
    if (!this.share || this.share.random() >= this.share.of) return null;
    const { failures, random } = this.share;
    return failures[Math.floor(random() * failures.length)] ?? null;
  }
}
