import type {
  Determinism,
  FailureCategory,
  IncidentSource,
  IncidentStatus,
  Proof,
  Severity,
} from '@app/domain';
import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { id64, json, time } from './column-types.js';
import { DiagnosisEntity } from './diagnosis.entity.js';
import { PatternEntity } from './pattern.entity.js';
import { ProjectEntity } from './project.entity.js';

@Entity('incidents')
@Unique('incidents_identity_key', ['projectId', 'runId', 'jobName'])
@Check(
  'incidents_claim_check',
  `(status = 'diagnosing') = (claim_token IS NOT NULL AND claim_until IS NOT NULL)`,
)
@Index('incidents_opened_idx', ['openedAt', 'id'])
@Index('incidents_project_opened_idx', ['projectId', 'openedAt', 'id'])
@Index('incidents_status_opened_idx', ['status', 'openedAt', 'id'])
@Index('incidents_category_opened_idx', ['category', 'openedAt', 'id'])
@Index('incidents_branch_opened_idx', ['branch', 'openedAt', 'id'])
@Index('incidents_fingerprint_opened_idx', ['fingerprint', 'openedAt', 'id'])
@Index('incidents_pattern_idx', ['patternId'])
@Index('incidents_diagnosis_idx', ['diagnosisId'])
@Index('incidents_last_failed_idx', ['lastFailedAt'])
@Index('incidents_provable_idx', ['projectId', 'branch', 'jobName', 'verifiedAt'])
@Index('incidents_line_idx', ['projectId'], { where: `status IN ('received', 'diagnosing')` })
@Index('incidents_search_idx', { synchronize: false })
@Index('incidents_facets_idx', ['projectId', 'status', 'category', 'severity', 'determinism', 'branch'])
@Index('incidents_list_idx', ['openedAt', 'id', 'category', 'severity', 'status', 'determinism', 'projectId'])
@Index('incidents_verified_idx', ['verifiedAt'], { where: 'verified_at IS NOT NULL' })
@Check('incidents_outcome_weight_check', 'outcome_weight BETWEEN -1 AND 1')
// The outbox: incidents that have work to do.
@Index('incidents_outbox_idx', ['outboxAt'], { where: `status IN ('received', 'diagnosing')` })
export class IncidentEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'incidents_pkey' })
  id!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'incidents_project_fkey' })
  project!: ProjectEntity;

  @Column('text')
  source!: IncidentSource;

  @Column({ ...id64, name: 'run_id' })
  runId!: number;

  @Column('text', { name: 'job_name' })
  jobName!: string;

  @Column({ ...id64, name: 'workflow_id', nullable: true })
  workflowId!: number | null;

  @Column('text', { name: 'workflow_name', nullable: true })
  workflowName!: string | null;

  @Column('text', { name: 'head_sha', nullable: true })
  headSha!: string | null;

  @Column('text', { nullable: true })
  branch!: string | null;

  @Column('integer', { name: 'pull_requests', array: true })
  pullRequests!: number[];

  @Column('text', { nullable: true })
  url!: string | null;

  @Column('text')
  status!: IncidentStatus;

  @Column('text', { name: 'status_reason', nullable: true })
  statusReason!: string | null;

  @Column('integer', { name: 'latest_attempt' })
  latestAttempt!: number;

  @Column({ ...id64, name: 'latest_job_id', nullable: true })
  latestJobId!: number | null;

  @Column('text', { name: 'failed_step', nullable: true })
  failedStep!: string | null;

  @Column('integer')
  occurrences!: number;

  @Column('text', { nullable: true })
  category!: FailureCategory | null;

  @Column('text', { nullable: true })
  subcategory!: string | null;

  @Column('text', { nullable: true })
  severity!: Severity | null;

  @Column('text', { nullable: true })
  determinism!: Determinism | null;

  @Column('double precision', { nullable: true })
  confidence!: number | null;

  @Column('text', { nullable: true })
  fingerprint!: string | null;

  @Column('uuid', { name: 'pattern_id', nullable: true })
  patternId!: string | null;

  @ManyToOne(() => PatternEntity, { nullable: true })
  @JoinColumn({ name: 'pattern_id', foreignKeyConstraintName: 'incidents_pattern_fkey' })
  pattern!: PatternEntity | null;

  @Column('uuid', { name: 'diagnosis_id', nullable: true })
  diagnosisId!: string | null;

  @ManyToOne(() => DiagnosisEntity, { nullable: true })
  @JoinColumn({ name: 'diagnosis_id', foreignKeyConstraintName: 'incidents_diagnosis_fkey' })
  diagnosis!: DiagnosisEntity | null;

  /** The diagnosis's primary cause, here so that lists can be searched by it. */
  @Column('text', { name: 'root_cause', nullable: true })
  rootCause!: string | null;

  @Column({ ...time, name: 'opened_at' })
  openedAt!: Date;

  @Column({ ...time, name: 'last_failed_at' })
  lastFailedAt!: Date;

  @Column({ ...time, name: 'updated_at' })
  updatedAt!: Date;

  /** When the same workflow and job had run again and passed; null while nobody has seen that. */
  @Column({ ...time, name: 'verified_at', nullable: true })
  verifiedAt!: Date | null;

  /**
   * What outcomes and people say of its diagnosis, −1 to 1: where similar incidents are ranked it counts as its share
   * more or less (0.1: a tenth more); at −1 the incident is no example for others any more.
   */
  @Column('real', { name: 'outcome_weight', default: 0 })
  outcomeWeight!: number;

  /** Raised by each opening, reopening and repeated dispatch; part of the queue's job id. */
  @Column('integer')
  sequence!: number;

  /** When the incident entered the outbox or was last dispatched. */
  @Column({ ...time, name: 'outbox_at' })
  outboxAt!: Date;

  /** Names the one worker that may write this incident's diagnosis. */
  @Column('uuid', { name: 'claim_token', nullable: true })
  claimToken!: string | null;

  @Column({ ...time, name: 'claim_until', nullable: true })
  claimUntil!: Date | null;

  /** It failed on the product's own branch or commit. */
  @Column('boolean', { name: 'own_work', default: false })
  ownWork!: boolean;

  /** When a person reopened it last: what passed before proves nothing. */
  @Column({ ...time, name: 'reopened_at', nullable: true })
  reopenedAt!: Date | null;

  @Column({ ...json, name: 'verified_by', nullable: true })
  verifiedBy!: Proof | null;
}
