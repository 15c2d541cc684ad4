import type { FoundPassage, PassageQuery } from '@app/domain';
import { comparedAs } from '../compared-as.js';
import type { Query } from '../database.js';
import { storableText } from '../storable.js';
import { toVector } from './embedding-value.js';
import { isUuid } from './uuid.js';

const DEFAULT_LIMIT = 5;
const DEFAULT_THRESHOLD = 0.35;
/** Passages that each way of searching hands to the fusion. */
const CANDIDATES = 50;
/** Passages with one of the words whose words are counted. */
const COUNTED = 500;
/** Words of a text that are searched for; a log's signature may be long. */
const MAX_WORDS = 64;
/** Shared words that make a passage one about the same thing; one word alone (“error”) says too little. */
const LEAST_WORDS = 2;
/** The constant of reciprocal rank fusion, as its authors chose it (Cormack et al., SIGIR 2009). */
const FUSION = 60;

const VISIBLE = `d.status = 'ready' AND (p.project_id IS NULL OR $1::uuid[] IS NULL OR p.project_id = ANY ($1))`;

/** Searches by meaning and by words, each in one statement over its index, and fuses the two by rank. */
export async function searchPassages(
  query: Query,
  dimensions: number,
  asked: PassageQuery,
): Promise<readonly FoundPassage[]> {
  const { embedding, model } = asked;
  const scope = asked.projectIds?.filter(isUuid) ?? null;
  const words = await lexemesOf(query, asked.text);
  const distance = `${comparedAs('p.embedding', dimensions)} <=> ${comparedAs('$2', dimensions)}`;
  // The index knows nothing of projects: it goes on until enough of the caller's own were found.
  await query('SET LOCAL hnsw.iterative_scan = strict_order');
  return query<FoundPassage>(
    `WITH near AS (
       SELECT p.document_id, p.position, ${distance} AS distance
       FROM passages p JOIN documents d ON d.id = p.document_id
       WHERE $2::vector IS NOT NULL AND p.embedding IS NOT NULL AND ($3::text IS NULL OR p.model = $3) AND ${VISIBLE}
       ORDER BY ${distance} LIMIT ${CANDIDATES}
     ), by_meaning AS (
       SELECT document_id, position, row_number() OVER (ORDER BY distance, document_id, position) AS place
       FROM near WHERE 1 - distance >= $4
     ), sharing AS (
       SELECT p.document_id, p.position, ts_rank(p.search, $5::tsquery) AS rank,
         (SELECT count(*) FROM unnest(tsvector_to_array(p.search)) word WHERE word = ANY ($6)) AS shared
       FROM passages p JOIN documents d ON d.id = p.document_id
       WHERE p.search @@ $5::tsquery AND ${VISIBLE}
       ORDER BY rank DESC LIMIT ${COUNTED}
     ), by_words AS (
       SELECT document_id, position,
         row_number() OVER (ORDER BY shared DESC, rank DESC, document_id, position) AS place
       FROM sharing WHERE shared >= least(${LEAST_WORDS}, cardinality($6::text[]))
       ORDER BY place LIMIT ${CANDIDATES}
     )
     SELECT document_id AS "documentId", position, p.project_id AS "projectId", p.heading AS title, p.text, d.url,
       coalesce(1.0 / (${FUSION} + m.place), 0)::float8 + coalesce(1.0 / (${FUSION} + w.place), 0)::float8 AS score
     FROM by_meaning m FULL JOIN by_words w USING (document_id, position)
       JOIN passages p USING (document_id, position) JOIN documents d ON d.id = document_id
     ORDER BY score DESC, document_id, position LIMIT $7`,
    [
      scope,
      embedding === null ? null : toVector(embedding),
      model ?? null,
      asked.threshold ?? DEFAULT_THRESHOLD,
      words.map((word) => `'${word.replaceAll("'", "''")}'`).join(' | '),
      words,
      asked.limit ?? DEFAULT_LIMIT,
    ],
  );
}

/** The words of a text as the index holds them: without stop words and endings. */
async function lexemesOf(query: Query, text: string): Promise<readonly string[]> {
  const words = storableText(text)
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  const [row] = await query<{ lexemes: string[] }>(
    `SELECT tsvector_to_array(to_tsvector('english', $1)) AS lexemes`,
    [[...new Set(words)].slice(0, MAX_WORDS).join(' ')],
  );
  return row!.lexemes;
}
