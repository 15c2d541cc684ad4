const REPLACEMENT = '\ufffd';

/**
 * A copy of plain JSON that PostgreSQL takes: its texts can hold neither a zero character nor half a surrogate pair,
 * and what comes from webhooks and logs may. Keys are left as they are.
 */
export function storable<T>(value: T): T {
  if (typeof value === 'string') return storableText(value) as T;
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => storable(item)) as T;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, storable<unknown>(item)])) as T;
}

export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', REPLACEMENT);
}
