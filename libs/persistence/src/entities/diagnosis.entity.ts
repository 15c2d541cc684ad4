import type {
  AnswerSource,
  Classification,
  DiagnosisState,
  RootCauseAnalysis,
  Solution,
  Validation,
} from '@app/domain';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { json, time, usd } from './column-types.js';

/** The answer for a failure pattern. Its foreign keys stand in the migration: patterns and incidents point here too. */
@Entity('diagnoses')
@Index('diagnoses_pattern_idx', ['patternId'])
@Index('diagnoses_incident_idx', ['incidentId'])
@Index('diagnoses_fallback_idx', ['createdAt'], { where: 'fallback_reason IS NOT NULL' })
export class DiagnosisEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'diagnoses_pkey' })
  id!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Column('uuid', { name: 'pattern_id' })
  patternId!: string;

  @Column('uuid', { name: 'incident_id' })
  incidentId!: string;

  @Column('text')
  analyst!: string;

  @Column('text')
  source!: AnswerSource;

  @Column('text')
  state!: DiagnosisState;

  @Column('text', { name: 'fallback_reason', nullable: true })
  fallbackReason!: string | null;

  @Column(json)
  classification!: Classification;

  @Column({ ...json, name: 'root_cause' })
  rootCause!: RootCauseAnalysis;

  @Column(json)
  solution!: Solution;

  @Column({ ...json, nullable: true })
  validation!: Validation | null;

  @Column({ ...usd, name: 'cost_usd' })
  costUsd!: number;

  @Column('integer', { name: 'model_calls' })
  modelCalls!: number;

  @Column({ ...time, name: 'created_at' })
  createdAt!: Date;

  /** When it stopped being reusable; null while it is valid. */
  @Column({ ...time, name: 'invalidated_at', nullable: true })
  invalidatedAt!: Date | null;
}
