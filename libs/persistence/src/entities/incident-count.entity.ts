import type { Determinism, FailureCategory, IncidentStatus, Severity } from '@app/domain';
import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { id64 } from './column-types.js';

/** Incidents of a kind that there are more or fewer by a change: all rows of a kind add up. Written by triggers alone. */
@Entity('incident_counts')
@Index('incident_counts_project_idx', ['projectId'])
@Index('incident_counts_added_idx', ['id'], { where: 'NOT folded' })
export class IncidentCountEntity {
  @PrimaryGeneratedColumn('identity', {
    ...id64,
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'incident_counts_pkey',
  })
  id!: number;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Column('text')
  status!: IncidentStatus;

  @Column('text', { nullable: true })
  category!: FailureCategory | null;

  @Column('text', { nullable: true })
  severity!: Severity | null;

  @Column('text', { nullable: true })
  determinism!: Determinism | null;

  @Column('integer')
  count!: number;

  /** The sum of rows that are no more, one a kind; false for a single change. */
  @Column('boolean', { default: false })
  folded!: boolean;
}
