import { isAway } from './database-errors.js';

/** How much may go together. */
export interface GroupLimits<T> {
  readonly items: number;
  /** Of all of a group by `sizeOf`; what is larger by itself goes alone. */
  readonly size: number;
  readonly sizeOf: (item: T) => number;
}

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commits items in groups: one group is under way at a time, and what comes meanwhile makes the next. So nobody waits
 * for company, and a burst costs a few commits instead of one each. Items keep their order.
 */
export class GroupCommit<T, R> {
  private readonly waiting: Waiting<T, R>[] = [];
  private running: Promise<void> | null = null;

  /** @param commit all or nothing; a result for each item, in their order */
  constructor(
    private readonly commit: (items: readonly T[]) => Promise<readonly R[]>,
    private readonly limits: GroupLimits<T>,
  ) {}

  /**
   * Resolves with the item's own result once its group is committed.
   * @throws what `commit` threw for this item by itself, or for the group when the database went away meanwhile
   */
  add(item: T): Promise<R> {
    const result = new Promise<R>((resolve, reject) => this.waiting.push({ item, resolve, reject }));
    this.running ??= this.run();
    return result;
  }

  /** Resolves when nothing is under way and nothing waits. */
  async drained(): Promise<void> {
    while (this.running) await this.running;
  }

  private async run(): Promise<void> {
    // What the same turn of the event loop brings goes together from the start.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.settle(this.nextGroup());
    this.running = null;
  }

  private nextGroup(): Waiting<T, R>[] {
    const { items, size, sizeOf } = this.limits;
    let count = 0;
    for (let total = 0; count < Math.min(items, this.waiting.length); count++) {
      total += sizeOf(this.waiting[count]!.item);
      if (count > 0 && total > size) break;
    }
    return this.waiting.splice(0, count);
  }

  private async settle(group: readonly Waiting<T, R>[]): Promise<void> {
    let results: readonly R[];
    try {
      results = await this.commit(group.map(({ item }) => item));
    } catch (error) {
      // One of them may be at fault: by itself it fails alone. A database that is away would let each of them wait.
      if (group.length > 1 && !isAway(error)) for (const each of group) await this.settle([each]);
      else for (const { reject } of group) reject(error);
      return;
    }
    for (const [index, { resolve }] of group.entries()) resolve(results[index]!);
  }
}
