/** Words that are compared together: order counts, and one changed word costs this many. */
const SHINGLE_WORDS = 2;

/**
 * How much of two signatures is the same, 0 to 1: the share of pairs of neighbouring words that both have, among all that
 * either has (Jaccard). Signatures are masked already, so words that vary from run to run don't count.
 */
export function signatureSimilarity(a: string, b: string): number {
  if (a === b) return 1;
  const ofA = shingles(a);
  const ofB = shingles(b);
  if (ofA.size === 0 || ofB.size === 0) return 0;
  let shared = 0;
  for (const shingle of ofA) if (ofB.has(shingle)) shared++;
  return shared / (ofA.size + ofB.size - shared);
}

function shingles(text: string): Set<string> {
  const found = new Set<string>();
  for (const line of text.split('\n')) {
    const words = line.toLowerCase().match(/[\p{L}\p{N}_<>]+/gu) ?? [];
    if (words.length === 1) found.add(words[0]!);
    for (let index = 0; index + SHINGLE_WORDS <= words.length; index++) {
      found.add(words.slice(index, index + SHINGLE_WORDS).join(' '));
    }
  }
  return found;
}
