import type { UsageEntry, UsageLedger, UsageTotals } from '@app/domain';
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
}
