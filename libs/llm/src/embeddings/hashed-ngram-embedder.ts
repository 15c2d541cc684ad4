import { Embedder } from '@app/domain';

const DIMENSIONS = 768;
/** Characters of a text that count. */
const MAX_CHARS = 8_000;
/** What a feature weighs against the others; whole words say most. */
const WEIGHTS = { word: 1, pair: 0.8, trigram: 0.35 } as const;
const WORD = /[\p{L}\p{N}_$]+/gu;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Embeds a normalised signature without a network: words, pairs of neighbouring words and character trigrams, hashed
 * onto 768 signed slots (feature hashing, https://arxiv.org/abs/0902.2206), damped by the logarithm of their count,
 * to unit length. The same text gives the same vector in every process and release: a change of what is computed
 * here needs a new `model`.
 */
export class HashedNgramEmbedder implements Embedder {
  readonly model = 'hashed-ngram-v1';
  readonly dimensions = DIMENSIONS;
  readonly isOutside = false;

  async embed(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> {
    signal?.throwIfAborted();
    return texts.map((text) => this.vectorOf(text));
  }

  vectorOf(text: string): Float32Array {
    return hashedNgrams(text);
  }
}

function hashedNgrams(text: string): Float32Array {
  const vector = new Float32Array(DIMENSIONS);
  for (const [feature, count] of featuresOf(text)) {
    const hash = fnv1a(feature);
    const slot = hash % DIMENSIONS;
    // A bit that the slot doesn't depend on: colliding features cancel out instead of adding up.
    const sign = (hash >>> 16) & 1 ? 1 : -1;
    const weight = WEIGHTS[feature.slice(0, feature.indexOf(':')) as keyof typeof WEIGHTS];
    vector[slot] = vector[slot]! + sign * weight * (1 + Math.log(count));
  }
  return toUnitLength(vector);
}

function featuresOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (feature: string) => counts.set(feature, (counts.get(feature) ?? 0) + 1);
  const words = text.slice(0, MAX_CHARS).toLowerCase().match(WORD) ?? [];
  words.forEach((word, index) => {
    add(`word:${word}`);
    if (index > 0) add(`pair:${words[index - 1]} ${word}`);
    const padded = ` ${word} `;
    for (let at = 0; at + 3 <= padded.length; at += 1) add(`trigram:${padded.slice(at, at + 3)}`);
  });
  return counts;
}

/** A text without a word gets a fixed unit vector: searches divide by the length. */
function toUnitLength(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (length === 0) vector[0] = 1;
  return length === 0 ? vector : vector.map((value) => value / length);
}

/** http://www.isthe.com/chongo/tech/comp/fnv/ with a final mix, since its low bits alone spread badly. */
function fnv1a(text: string): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
