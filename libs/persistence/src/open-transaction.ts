import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<true>();

/**
 * Whether the code at hand runs inside a transaction of the database. Who holds one open waits for nobody outside: in
 * the embedded mode every other client would wait with it, and on a server its locks are held as long.
 */
export const OpenTransaction = {
  run<T>(work: () => T): T {
    return current.run(true, work);
  },

  isHere(): boolean {
    return current.getStore() === true;
  },
};
