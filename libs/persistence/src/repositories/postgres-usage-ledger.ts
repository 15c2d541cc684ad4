import type { UsageCosts, UsageEntry, UsageLedger, UsageQuery, UsageShare, UsageTotals } from '@app/domain';
import type { Database } from '../database.js';
import { UsageEntryEntity } from '../entities/usage-entry.entity.js';
import { storable } from '../storable.js';
import { isUuid } from './uuid.js';

const NOTHING: UsageTotals = { calls: 0, cached: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 };

export class PostgresUsageLedger implements UsageLedger {
  constructor(private readonly database: Database) {}

  async record(entry: UsageEntry): Promise<void> {
    await this.database.entities((manager) => manager.insert(UsageEntryEntity, storable({ ...entry })));
  }

  async ofIncident(incidentId: string): Promise<UsageTotals> {
    if (!isUuid(incidentId)) return NOTHING;
    const [totals] = await this.database.query<UsageTotals>(
      `SELECT count(*)::integer AS calls, count(*) FILTER (WHERE outcome = 'cached')::integer AS cached,
         coalesce(sum(input_tokens), 0)::double precision AS "inputTokens",
         coalesce(sum(output_tokens), 0)::double precision AS "outputTokens",
         coalesce(sum(cost_usd), 0)::double precision AS "costUsd"
       FROM usage_ledger WHERE incident_id = $1`,
      [incidentId],
    );
    return totals!;
  }

  async costs({ from, to, projectIds }: UsageQuery): Promise<UsageCosts> {
    const rows = await this.database.query<UsageShare & { by: string }>(
      `SELECT
         CASE 0 WHEN grouping(day) THEN 'day' WHEN grouping(month) THEN 'month'
           WHEN grouping(project_id) THEN 'project' WHEN grouping(operation) THEN 'operation' ELSE 'total' END AS by,
         coalesce(day, month, project_id::text, operation) AS key,
         (count(*) FILTER (WHERE outcome IN ('answered', 'failed')))::integer AS calls,
         (count(*) FILTER (WHERE outcome = 'cached'))::integer AS cached,
         (count(*) FILTER (WHERE outcome = 'fallback'))::integer AS fallbacks,
         coalesce(sum(input_tokens), 0)::double precision AS "inputTokens",
         coalesce(sum(output_tokens), 0)::double precision AS "outputTokens",
         coalesce(sum(cost_usd), 0)::double precision AS "costUsd"
       FROM (
         SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM') AS month,
           project_id, operation, outcome, input_tokens, output_tokens, cost_usd
         FROM usage_ledger
         WHERE at >= $1 AND at < $2 AND ($3::uuid[] IS NULL OR project_id = ANY ($3))
       ) AS one
       GROUP BY GROUPING SETS ((), (day), (month), (project_id), (operation))
       ORDER BY key NULLS FIRST`,
      [from, to, projectIds?.filter(isUuid) ?? null],
    );
    const sharesBy = (asked: string) => rows.flatMap(({ by, ...share }) => (by === asked ? [share] : []));
    const [{ key: _, ...total }] = sharesBy('total') as [UsageShare];
    return {
      total,
      byDay: sharesBy('day'),
      byMonth: sharesBy('month'),
      byProject: sharesBy('project'),
      byOperation: sharesBy('operation'),
    };
  }
}
