import type { Database } from '../database.js';

/** Share of all texts that a word may stand in and still say something. */
const MAX_SHARE = 0.02;
const MAX_WORDS = 12;
const MIN_LENGTH = 3;
const KEPT_MS = 10 * 60_000;

/**
 * Which words of a text tell it from others, by the statistics that PostgreSQL keeps of the column anyway. A search for
 * a word that stands in a tenth of all texts would rank them all and say nothing.
 */
export class RareWords {
  private known: { readonly shares: ReadonlyMap<string, number>; readonly until: number } | null = null;

  constructor(private readonly database: Pick<Database, 'query' | 'clock'>) {}

  /** A tsquery that any of the text's rare words fulfils; null when it has none. */
  async queryOf(text: string): Promise<string | null> {
    const words = rarest(text, await this.shares());
    return words.length === 0 ? null : words.map((word) => `'${word}'`).join(' | ');
  }

  private async shares(): Promise<ReadonlyMap<string, number>> {
    const now = this.database.clock.now().getTime();
    if (this.known !== null && now < this.known.until) return this.known.shares;
    const [row] = await this.database.query<{ words: string[]; shares: number[] }>(
      `SELECT most_common_elems::text::text[] AS words, most_common_elem_freqs AS shares FROM pg_stats
       WHERE schemaname = current_schema() AND tablename = 'incident_embeddings' AND attname = 'words'
         AND most_common_elems IS NOT NULL`,
    );
    const shares = new Map(row?.words.map((word, at) => [word, row.shares[at]!]));
    this.known = { shares, until: now + KEPT_MS };
    return shares;
  }
}

/** The words of a text that stand in few others, the longest of the unknown ones first. */
function rarest(text: string, shares: ReadonlyMap<string, number>): string[] {
  const words = new Set(
    text
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word.length >= MIN_LENGTH),
  );
  const share = (word: string): number => shares.get(word) ?? 0;
  return [...words]
    .filter((word) => share(word) <= MAX_SHARE)
    .toSorted((a, b) => share(a) - share(b) || b.length - a.length || (a < b ? -1 : 1))
    .slice(0, MAX_WORDS);
}
