import { InvalidInput } from '@app/domain';
import type { Query } from '../database.js';

/** A vector as pgvector reads it. */
export function toVector(embedding: Float32Array): string {
  return `[${embedding.join(',')}]`;
}

/** @throws InvalidInput on another size than the column's, on what is no number, and on zeros alone */
export function assertEmbedding(embedding: Float32Array, dimensions: number): void {
  if (embedding.length !== dimensions) {
    throw new InvalidInput(`An embedding has ${dimensions} dimensions; this one has ${embedding.length}.`);
  }
  // The cosine with a vector of zeros is no number.
  if (!embedding.every(Number.isFinite) || embedding.every((value) => value === 0)) {
    throw new InvalidInput('An embedding holds finite numbers, and not zeros alone.');
  }
}

/** The width of a table's column `embedding`. */
export async function columnDimensions(query: Query, table: string): Promise<number> {
  const [row] = await query<{ dimensions: number }>(
    `SELECT atttypmod AS dimensions FROM pg_attribute WHERE attrelid = $1::regclass AND attname = 'embedding'`,
    [table],
  );
  return row!.dimensions;
}
