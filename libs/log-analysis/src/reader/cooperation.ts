import { setImmediate } from 'node:timers/promises';
import { MAX_STRETCH_MS } from './limits.js';

/** Keeps long work polite: `pause` gives the event loop a turn when the current stretch has lasted long enough. */
export class Cooperation {
  private stretchStart = performance.now();
  constructor(private readonly signal?: AbortSignal) {}

  /** @throws the signal's reason when the caller gave up. */
  async pause(): Promise<void> {
    if (performance.now() - this.stretchStart < MAX_STRETCH_MS) return;
    await setImmediate();
    this.signal?.throwIfAborted();
    this.stretchStart = performance.now();
  }
}
