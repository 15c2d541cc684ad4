import type { Generations, SharedStore } from '../redis/shared-store.js';

const BEAT_MS = 250;
const BEAT_WHILE_AWAY_MS = 100;

export interface PresenceListener {
  /** Entries of generations that were are misses now: whoever holds values of them drops them. */
  onNewGenerations(): void;
  /** The store has just answered. */
  onBeat(): void;
}

/** Whether the store is there, and what generations it has: asked at every beat. */
export class Presence {
  private generations: Generations | null = null;
  private isHere = false;
  private closed = false;
  private syncedAt = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly store: Pick<SharedStore, 'sync'>,
    private readonly listener: PresenceListener,
  ) {}

  get here(): boolean {
    return this.isHere;
  }

  begin(): void {
    this.schedule(0);
  }

  /** The connection was lost, or nobody answers: nothing is asked until a beat has succeeded. */
  lost(): void {
    this.isHere = false;
  }

  /** What entries of a namespace are written in now; null before the store was reached for the first time. */
  generationOf(namespace: string, content: boolean): string | null {
    if (this.generations === null) return null;
    return this.generations.raised.get(namespace) ?? this.generations[content ? 'content' : 'state'];
  }

  /** Somebody writes in a generation that this process doesn't know: it learns soon. */
  suspectGenerations(): void {
    if (performance.now() - this.syncedAt > BEAT_WHILE_AWAY_MS) this.schedule(0);
  }

  close(): void {
    this.closed = true;
    this.isHere = false;
    if (this.timer) clearTimeout(this.timer);
  }

  private schedule(inMs: number): void {
    if (this.closed) return;
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.beat(), inMs).unref();
  }

  private async beat(): Promise<void> {
    const sentAt = performance.now();
    try {
      const generations = await this.store.sync(sentAt);
      if (this.closed) return;
      this.syncedAt = sentAt;
      const known = this.generations;
      this.generations = generations;
      if (known !== null && !same(known, generations)) this.listener.onNewGenerations();
      this.isHere = true;
      this.listener.onBeat();
    } catch {
      // Outages are told of by the connection.
    }
    this.schedule(this.isHere ? BEAT_MS : BEAT_WHILE_AWAY_MS);
  }
}

function same(a: Generations, b: Generations): boolean {
  return (
    a.content === b.content &&
    a.state === b.state &&
    a.raised.size === b.raised.size &&
    [...a.raised].every(([namespace, generation]) => b.raised.get(namespace) === generation)
  );
}
