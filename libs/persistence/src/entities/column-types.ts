import type { ColumnOptions, ValueTransformer } from 'typeorm';
import { storable } from '../storable.js';

/** PostgreSQL gives bigint and numeric as text; every figure kept here is exact as a number. */
const asNumber: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: string | number | null) => (value === null ? null : Number(value)),
};

const asStorable: ValueTransformer = {
  to: (value: unknown) => (typeof value === 'object' && value !== null ? storable(value) : value),
  from: (value: unknown) => value,
};

/** GitHub's ids, which are beyond 32 bits and far below 2^53. */
export const id64 = { type: 'bigint', transformer: asNumber } as const satisfies ColumnOptions;
/** US dollars, to a thousand-millionth. */
export const usd = {
  type: 'numeric',
  precision: 18,
  scale: 9,
  transformer: asNumber,
} as const satisfies ColumnOptions;
/** Milliseconds, as a JavaScript Date: what is read equals what was written, which cursors rely on. */
export const time = { type: 'timestamptz', precision: 3 } as const satisfies ColumnOptions;
export const json = { type: 'jsonb', transformer: asStorable } as const satisfies ColumnOptions;
