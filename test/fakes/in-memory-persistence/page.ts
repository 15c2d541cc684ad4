import { InvalidInput, type Page } from '@app/domain';

/** A page of rows, newest first; the cursor is the last row's id. */
export function pageOf<T extends { readonly id: string; readonly createdAt: Date }>(
  rows: readonly T[],
  limit: number,
  cursor: string | null,
): Page<T> {
  const sorted = rows.toSorted(
    (a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1),
  );
  const after = cursor === null ? -1 : sorted.findIndex(({ id }) => id === cursor);
  if (cursor !== null && after < 0)
    throw new InvalidInput('The cursor is not one that a list gave.', { cursor });
  const items = sorted.slice(after + 1, after + 1 + limit);
  const isMore = sorted.length > after + 1 + limit;
  return { items: structuredClone(items), nextCursor: isMore ? items.at(-1)!.id : null };
}
