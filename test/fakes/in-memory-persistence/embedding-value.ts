import { InvalidInput } from '@app/domain';

const DIMENSIONS = 768;

export function assertEmbedding(embedding: Float32Array): void {
  if (embedding.length !== DIMENSIONS) {
    throw new InvalidInput(`An embedding has ${DIMENSIONS} dimensions; this one has ${embedding.length}.`);
  }
  if (!embedding.every(Number.isFinite) || embedding.every((value) => value === 0)) {
    throw new InvalidInput('An embedding holds finite numbers, and not zeros alone.');
  }
}

export function cosine(a: Float32Array, b: Float32Array): number {
  const dot = a.reduce((sum, value, index) => sum + value * b[index]!, 0);
  return dot / (Math.hypot(...a) * Math.hypot(...b));
}
