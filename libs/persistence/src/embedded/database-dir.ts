import { existsSync, renameSync, rmSync } from 'node:fs';

/** Where a data directory holds the database. */
export const DATABASE_DIR = 'postgres';

/**
 * Puts `made`, a whole database of the same data directory, in the place of the one that stands there. The data directory
 * must be locked. A process that is killed meanwhile leaves the one or the other: `settleReplacement` ends what it began.
 * @param aside where to keep what stands there; null when nothing does
 */
export function replaceDatabase(directory: string, made: string, aside: string | null): void {
  const next = nextOf(directory);
  rmSync(next, { recursive: true, force: true });
  renameSync(made, next);
  if (aside !== null) renameSync(directory, aside);
  renameSync(next, directory);
}

/** Ends a replacement that was cut off once the former database had been moved aside. */
export function settleReplacement(directory: string): void {
  const next = nextOf(directory);
  if (!existsSync(directory) && existsSync(next)) renameSync(next, directory);
}

function nextOf(directory: string): string {
  return `${directory}.next`;
}
