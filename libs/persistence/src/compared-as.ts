/** pgvector indexes full vectors up to here; beyond, half-precision ones, up to 4,000 dimensions. */
const MAX_INDEXED_DIMENSIONS = 2_000;

export function isHalfPrecision(dimensions: number): boolean {
  return dimensions > MAX_INDEXED_DIMENSIONS;
}

/** How a vector of so many dimensions is compared, the way the index of its column is made for. */
export function comparedAs(vector: string, dimensions: number): string {
  return isHalfPrecision(dimensions) ? `(${vector}::halfvec(${dimensions}))` : vector;
}
