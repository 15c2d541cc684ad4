import type { RootCauseVerdict, SolutionVerdict } from '@app/domain';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { time } from './column-types.js';
import { DiagnosisEntity } from './diagnosis.entity.js';
import { IncidentEntity } from './incident.entity.js';
import { PatternEntity } from './pattern.entity.js';
import { ProjectEntity } from './project.entity.js';

/** A person's verdict on a diagnosis; outlives the incident it was given for. */
@Entity('feedback')
@Index('feedback_project_idx', ['projectId'])
@Index('feedback_incident_idx', ['incidentId', 'givenAt'])
@Index('feedback_pattern_idx', ['patternId', 'givenAt'])
@Index('feedback_diagnosis_idx', ['diagnosisId'])
export class FeedbackEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'feedback_pkey' })
  id!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'feedback_project_fkey' })
  project!: ProjectEntity;

  @Column('uuid', { name: 'incident_id', nullable: true })
  incidentId!: string | null;

  @ManyToOne(() => IncidentEntity, { onDelete: 'SET NULL', nullable: true })
  @JoinColumn({ name: 'incident_id', foreignKeyConstraintName: 'feedback_incident_fkey' })
  incident!: IncidentEntity | null;

  @Column('uuid', { name: 'pattern_id', nullable: true })
  patternId!: string | null;

  @ManyToOne(() => PatternEntity, { onDelete: 'CASCADE', nullable: true })
  @JoinColumn({ name: 'pattern_id', foreignKeyConstraintName: 'feedback_pattern_fkey' })
  pattern!: PatternEntity | null;

  @Column('uuid', { name: 'diagnosis_id', nullable: true })
  diagnosisId!: string | null;

  @ManyToOne(() => DiagnosisEntity, { onDelete: 'SET NULL', nullable: true })
  @JoinColumn({ name: 'diagnosis_id', foreignKeyConstraintName: 'feedback_diagnosis_fkey' })
  diagnosis!: DiagnosisEntity | null;

  @Column('text', { name: 'root_cause' })
  rootCause!: RootCauseVerdict;

  @Column('text')
  solution!: SolutionVerdict;

  @Column('text', { name: 'judged_cause' })
  judgedCause!: string;

  @Column('text', { name: 'judged_solution' })
  judgedSolution!: string;

  @Column('text', { name: 'actual_cause', nullable: true })
  actualCause!: string | null;

  @Column('text', { nullable: true })
  note!: string | null;

  @Column('text', { name: 'given_by' })
  givenBy!: string;

  @Column({ ...time, name: 'given_at' })
  givenAt!: Date;
}
