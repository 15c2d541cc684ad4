import type { UsageEntry } from '@app/domain';
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { time, usd } from './column-types.js';

/** A model call. Without foreign keys: what was spent stays on the ledger when an incident or project goes. */
@Entity('usage_ledger')
@Index('usage_ledger_at_idx', ['at'])
@Index('usage_ledger_project_at_idx', ['projectId', 'at'])
@Index('usage_ledger_incident_idx', ['incidentId'])
export class UsageEntryEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'usage_ledger_pkey',
  })
  id!: string;

  @Column(time)
  at!: Date;

  @Column('text')
  operation!: string;

  @Column('text')
  provider!: string;

  @Column('text')
  model!: string;

  @Column('text', { name: 'prompt_version' })
  promptVersion!: string;

  @Column('uuid', { name: 'project_id', nullable: true })
  projectId!: string | null;

  @Column('uuid', { name: 'incident_id', nullable: true })
  incidentId!: string | null;

  @Column('integer', { name: 'input_tokens' })
  inputTokens!: number;

  @Column('integer', { name: 'cached_input_tokens' })
  cachedInputTokens!: number;

  @Column('integer', { name: 'output_tokens' })
  outputTokens!: number;

  @Column({ ...usd, name: 'cost_usd' })
  costUsd!: number;

  @Column('double precision', { name: 'latency_ms' })
  latencyMs!: number;

  @Column('text')
  outcome!: UsageEntry['outcome'];

  @Column('text')
  cache!: UsageEntry['cache'];

  @Column('integer')
  attempt!: number;

  @Column('text', { nullable: true })
  error!: string | null;
}
