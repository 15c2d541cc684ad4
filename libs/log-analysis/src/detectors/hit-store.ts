import type { Hit } from './hit.js';

/** Hits of one rule in one step that are kept: the first ones, and the latest. */
const FIRST_HITS = 60;
const FIRST_TEST_HITS = 300;
const LATEST_HITS = 10;
/** Of all rules and steps together, each of the two in hits and in characters. */
const MAX_FIRST = 6_000;
const MAX_FIRST_CHARS = 6_000_000;
const MAX_LATEST = 2_000;
const MAX_LATEST_CHARS = 2_000_000;

/**
 * Hits within bounds whatever the log. What fails first tells most, what comes last is next to the end: of each rule in
 * each step the first hits are kept until the room for them is full, and the latest, for which the oldest make room.
 */
export class HitStore {
  private readonly first: Hit[] = [];
  private firstChars = 0;
  /** How many of `first` are of one rule in one step. */
  private readonly counts = new Map<string, number>();
  /** The key written to last stands last. */
  private readonly latest = new Map<string, Hit[]>();
  private latestSize = 0;
  private latestChars = 0;

  add(hit: Hit): void {
    const key = `${hit.rule.id}\n${hit.step}`;
    const count = this.counts.get(key) ?? 0;
    const room = this.first.length < MAX_FIRST && this.firstChars < MAX_FIRST_CHARS;
    if (room && count < (hit.rule.test ? FIRST_TEST_HITS : FIRST_HITS)) {
      this.counts.set(key, count + 1);
      this.first.push(hit);
      this.firstChars += hit.text.length;
      return;
    }
    const latest = this.latest.get(key) ?? [];
    this.latest.delete(key);
    this.latest.set(key, latest);
    latest.push(hit);
    this.latestSize += 1;
    this.latestChars += hit.text.length;
    if (latest.length > LATEST_HITS) this.forget(latest.shift());
    for (const [oldest, hits] of this.latest) {
      if (this.latestSize <= MAX_LATEST && this.latestChars <= MAX_LATEST_CHARS) break;
      this.forget(hits.shift());
      if (hits.length === 0) this.latest.delete(oldest);
    }
  }

  /** All of them, in log order. */
  all(): Hit[] {
    return [...this.first, ...[...this.latest.values()].flat()].toSorted((a, b) => a.no - b.no);
  }

  private forget(hit: Hit | undefined): void {
    if (!hit) return;
    this.latestSize -= 1;
    this.latestChars -= hit.text.length;
  }
}
