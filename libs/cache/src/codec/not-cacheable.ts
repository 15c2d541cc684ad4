/** The value can't be stored so that it would come back as it was: a function, a symbol, a class instance, a cycle. */
export class NotCacheable extends Error {
  constructor(what: string) {
    super(
      `${what} can't be cached: only JSON values, dates, bigints, sets, maps, byte and number arrays can.`,
    );
    this.name = 'NotCacheable';
  }
}
