import type { LogReport } from '@app/domain';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { json, time } from './column-types.js';
import { IncidentEntity } from './incident.entity.js';

@Entity('archived_logs')
@Index('archived_logs_saved_idx', ['savedAt'])
export class ArchivedLogEntity {
  @PrimaryColumn('uuid', { name: 'incident_id', primaryKeyConstraintName: 'archived_logs_pkey' })
  incidentId!: string;

  @ManyToOne(() => IncidentEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'incident_id', foreignKeyConstraintName: 'archived_logs_incident_fkey' })
  incident!: IncidentEntity;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'archived_logs_pkey' })
  attempt!: number;

  /** The redacted log, compressed by the writer: the column is stored as it comes. */
  @Column('bytea')
  gzip!: Buffer;

  @Column('integer')
  lines!: number;

  @Column('integer')
  chars!: number;

  @Column('boolean')
  truncated!: boolean;

  @Column(json)
  report!: LogReport;

  @Column({ ...time, name: 'saved_at' })
  savedAt!: Date;
}
