import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { id64, time } from './column-types.js';
import { IncidentEntity } from './incident.entity.js';
import { PatternEntity } from './pattern.entity.js';

/** A failed attempt of an incident's job. */
@Entity('occurrences')
@Index('occurrences_pattern_idx', ['patternId'])
export class OccurrenceEntity {
  @PrimaryColumn('uuid', { name: 'incident_id', primaryKeyConstraintName: 'occurrences_pkey' })
  incidentId!: string;

  @ManyToOne(() => IncidentEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'incident_id', foreignKeyConstraintName: 'occurrences_incident_fkey' })
  incident!: IncidentEntity;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'occurrences_pkey' })
  attempt!: number;

  @Column({ ...id64, name: 'job_id', nullable: true })
  jobId!: number | null;

  @Column({ ...time, name: 'failed_at' })
  failedAt!: Date;

  @Column('text', { nullable: true })
  fingerprint!: string | null;

  /** The pattern that counts this occurrence. */
  @Column('uuid', { name: 'pattern_id', nullable: true })
  patternId!: string | null;

  @ManyToOne(() => PatternEntity, { nullable: true })
  @JoinColumn({ name: 'pattern_id', foreignKeyConstraintName: 'occurrences_pattern_fkey' })
  pattern!: PatternEntity | null;
}
