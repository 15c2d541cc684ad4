import type { CiRunQuery } from '@app/domain';

/** As GitHub's searches write a span of time. */
export function createdBetween({ createdSince, createdUntil }: CiRunQuery): string | null {
  const [from, to] = [createdSince?.toISOString(), createdUntil?.toISOString()];
  if (from !== undefined && to !== undefined) return `${from}..${to}`;
  if (from !== undefined) return `>=${from}`;
  return to === undefined ? null : `<=${to}`;
}
