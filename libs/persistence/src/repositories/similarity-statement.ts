import type { SimilarityQuery } from '@app/domain';
import { comparedAs } from '../compared-as.js';
import { toVector } from './embedding-value.js';
import { isUuid } from './uuid.js';

/** Of each ranking, before they are fused. */
const CANDIDATES = 40;
/** Matches by words that are ranked at most: a bound for what a search may cost while statistics are old. */
const MAX_RANKED = 1_000;
/** Of these the best, whose vectors are read: each is a page of its own. */
const MAX_COMPARED = 100;
/** Cormack, Clarke, Büttcher 2009: what keeps the first ranks from deciding alone. */
const RRF_K = 60;

export interface SimilarityStatement {
  readonly sql: string;
  readonly values: readonly unknown[];
}

export interface StatementParts {
  readonly dimensions: number;
  readonly threshold: number;
  readonly limit: number;
  /** A tsquery; null ranks by vector alone. */
  readonly words: string | null;
  readonly now: Date;
}

/**
 * The search for similar incidents as one statement: the nearest by vector and the best by words, both within the
 * caller's projects and the filters, fused by reciprocal rank and weighed by outcome. The index on vectors knows nothing
 * of filters: with `hnsw.iterative_scan` it goes on until enough of those asked for were found.
 */
export function similarityStatement(query: SimilarityQuery, parts: StatementParts): SimilarityStatement {
  const { dimensions, threshold, limit, words, now } = parts;
  const distance = `${comparedAs('e.embedding', dimensions)} <=> ${comparedAs('$1', dimensions)}`;
  const exclude = query.excludeIncidentId;
  const values: unknown[] = [toVector(query.embedding), Math.max(CANDIDATES, limit), threshold, limit, words];
  const conditions = ['i.outcome_weight > -1'];
  const add = (condition: (parameter: string) => string, value: unknown): void => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  if (query.projectIds !== null)
    add((ids) => `e.project_id = ANY (${ids}::uuid[])`, query.projectIds.filter(isUuid));
  if (exclude !== undefined && isUuid(exclude)) add((id) => `e.incident_id <> ${id}`, exclude);
  if (query.model !== undefined) add((model) => `e.model = ${model}`, query.model);
  if (query.category !== undefined) add((category) => `i.category = ${category}`, query.category);
  if (query.resolvedOnly || query.verifiedOnly) conditions.push(`i.status = 'resolved'`);
  if (query.verifiedOnly) conditions.push('i.verified_at IS NOT NULL');
  if (query.withinMs !== undefined)
    add((since) => `i.last_failed_at >= ${since}`, new Date(now.getTime() - query.withinMs));
  const within = `FROM incident_embeddings e JOIN incidents i ON i.id = e.incident_id WHERE ${conditions.join(' AND ')}`;
  return {
    values,
    sql: `
      WITH near AS MATERIALIZED (
        SELECT e.incident_id, ${distance} AS distance ${within} ORDER BY ${distance} LIMIT $2
      ), worded AS MATERIALIZED (
        SELECT e.incident_id, ${distance} AS distance, best.fit FROM (
          SELECT incident_id, fit FROM (
            SELECT e.incident_id, ts_rank(e.words, $5::tsquery) AS fit
            ${within} AND e.words @@ $5::tsquery LIMIT ${MAX_RANKED}
          ) AS matches ORDER BY fit DESC LIMIT ${MAX_COMPARED}
        ) AS best JOIN incident_embeddings e ON e.incident_id = best.incident_id
        ORDER BY best.fit DESC, distance LIMIT $2
      ), ranked AS (
        SELECT incident_id, distance, 1::float8 / (${RRF_K} + row_number() OVER (ORDER BY distance)) AS share FROM near
        UNION ALL
        SELECT incident_id, distance, 1::float8 / (${RRF_K} + row_number() OVER (ORDER BY fit DESC, distance)) FROM worded
      ), fused AS (
        SELECT incident_id, min(distance) AS distance, sum(share) AS share FROM ranked GROUP BY incident_id
      )
      SELECT i.id AS "incidentId", i.project_id AS "projectId", greatest(0, least(1, 1 - f.distance)) AS score,
        i.category, i.root_cause AS "rootCause", d.solution->>'summary' AS solution, i.status = 'resolved' AS resolved,
        i.status = 'resolved' AND i.verified_at IS NOT NULL AS verified
      FROM fused f JOIN incidents i ON i.id = f.incident_id LEFT JOIN diagnoses d ON d.id = i.diagnosis_id
      WHERE 1 - f.distance >= $3
      ORDER BY f.share * (1 + i.outcome_weight) DESC, f.distance, i.id LIMIT $4`,
  };
}
