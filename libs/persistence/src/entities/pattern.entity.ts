import type { FailureCategory } from '@app/domain';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { time } from './column-types.js';
import { DiagnosisEntity } from './diagnosis.entity.js';
import { ProjectEntity } from './project.entity.js';

/** A distinct failure of a project. */
@Entity('patterns')
@Unique('patterns_fingerprint_key', ['projectId', 'fingerprint'])
@Index('patterns_last_seen_idx', ['projectId', 'lastSeenAt'])
@Index('patterns_diagnosis_idx', ['diagnosisId'])
@Index('patterns_seen_idx', ['lastSeenAt', 'id'])
@Index('patterns_fingerprint_idx', ['fingerprint'])
@Index('patterns_merged_idx', ['mergedInto'], { where: 'merged_into IS NOT NULL' })
export class PatternEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'patterns_pkey' })
  id!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'patterns_project_fkey' })
  project!: ProjectEntity;

  @Column('text')
  fingerprint!: string;

  @Column('text')
  signature!: string;

  @Column('text')
  category!: FailureCategory;

  @Column('integer')
  occurrences!: number;

  @Column({ ...time, name: 'first_seen_at' })
  firstSeenAt!: Date;

  @Column({ ...time, name: 'last_seen_at' })
  lastSeenAt!: Date;

  /** The current diagnosis. */
  @Column('uuid', { name: 'diagnosis_id', nullable: true })
  diagnosisId!: string | null;

  @ManyToOne(() => DiagnosisEntity, { nullable: true })
  @JoinColumn({ name: 'diagnosis_id', foreignKeyConstraintName: 'patterns_diagnosis_fkey' })
  diagnosis!: DiagnosisEntity | null;

  /** Null: it is diagnosed and told of. */
  @Column({ ...time, name: 'muted_at', nullable: true })
  mutedAt!: Date | null;

  @Column('text', { name: 'muted_by', nullable: true })
  mutedBy!: string | null;

  @Column('text', { name: 'mute_reason', nullable: true })
  muteReason!: string | null;

  /** The pattern that counts this one's sightings: never one that was merged itself. */
  @Column('uuid', { name: 'merged_into', nullable: true })
  mergedInto!: string | null;

  @ManyToOne(() => PatternEntity, { onDelete: 'CASCADE', nullable: true })
  @JoinColumn({ name: 'merged_into', foreignKeyConstraintName: 'patterns_merged_fkey' })
  mergedPattern!: PatternEntity | null;
}
