/** What a load came to: milliseconds from the planned sending to the answer, sorted. */
export interface LoadResult {
  readonly ms: readonly number[];
  readonly refused: number;
  readonly perSecond: number;
}

/** Makes one call; false: it was not accepted. */
export type Call = (index: number) => Promise<boolean>;

/**
 * Calls at fixed moments whatever the answers take (open loop). Measured from the moment at which a call was due, so that
 * a sender that is late doesn't hide how long the answer took.
 */
export async function atRate(call: Call, rate: number, seconds: number): Promise<LoadResult> {
  const ms: number[] = [];
  let refused = 0;
  const pending: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < rate * seconds; index++) {
    const dueAt = startedAt + (index / rate) * 1_000;
    const wait = dueAt - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    pending.push(
      call(index).then((accepted) => {
        ms.push(performance.now() - dueAt);
        if (!accepted) refused++;
      }),
    );
  }
  await Promise.all(pending);
  const perSecond = (ms.length - refused) / ((performance.now() - startedAt) / 1_000);
  return { ms: ms.toSorted((a, b) => a - b), refused, perSecond };
}

/** As many calls as go, each lane's next as soon as its last has been answered. */
export async function asManyAsGo(call: Call, lanes: number, limitMs: number): Promise<LoadResult> {
  const ms: number[] = [];
  let refused = 0;
  let calls = 0;
  const startedAt = performance.now();
  const lane = async (): Promise<void> => {
    while (performance.now() - startedAt < limitMs) {
      const sentAt = performance.now();
      if (!(await call(calls++))) refused++;
      ms.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const perSecond = (ms.length - refused) / ((performance.now() - startedAt) / 1_000);
  return { ms: ms.toSorted((a, b) => a - b), refused, perSecond };
}

export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!;
}
