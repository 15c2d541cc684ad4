import type { Actor, WorkflowStatus, WorkflowStep } from '@app/domain';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { json, time } from './column-types.js';
import { IncidentEntity } from './incident.entity.js';
import { ProjectEntity } from './project.entity.js';

/** A planned remediation of an incident. */
@Entity('workflows')
@Index('workflows_active_key', ['incidentId'], {
  unique: true,
  where: `status IN ('planned', 'awaiting_approval', 'approved', 'running', 'verifying')`,
})
@Index('workflows_incident_idx', ['incidentId', 'attempt'])
@Index('workflows_created_idx', ['createdAt', 'id'])
@Index('workflows_project_created_idx', ['projectId', 'createdAt', 'id'])
@Index('workflows_outbox_idx', ['outboxAt'], { where: `status IN ('approved', 'running', 'verifying')` })
export class WorkflowEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'workflows_pkey' })
  id!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'workflows_project_fkey' })
  project!: ProjectEntity;

  @Column('uuid', { name: 'incident_id' })
  incidentId!: string;

  @ManyToOne(() => IncidentEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'incident_id', foreignKeyConstraintName: 'workflows_incident_fkey' })
  incident!: IncidentEntity;

  @Column('integer')
  attempt!: number;

  /** Of the diagnosis that it was planned from, and when that was made; null: none was in force. */
  @Column('uuid', { name: 'diagnosis_id', nullable: true })
  diagnosisId!: string | null;

  @Column({ ...time, name: 'diagnosed_at', nullable: true })
  diagnosedAt!: Date | null;

  @Column('text')
  status!: WorkflowStatus;

  @Column('text', { nullable: true })
  reason!: string | null;

  @Column(json)
  steps!: WorkflowStep[];

  @Column({ ...json, name: 'planned_by' })
  plannedBy!: Actor;

  @Column({ ...json, name: 'approved_by', nullable: true })
  approvedBy!: Actor | null;

  @Column({ ...time, name: 'verify_until', nullable: true })
  verifyUntil!: Date | null;

  /** Raised by each dispatch; part of the queue's job id. */
  @Column('integer')
  sequence!: number;

  /** When it was last dispatched, or last looked at while it is verified. */
  @Column({ ...time, name: 'outbox_at' })
  outboxAt!: Date;

  @Column({ ...time, name: 'created_at' })
  createdAt!: Date;

  @Column({ ...time, name: 'updated_at' })
  updatedAt!: Date;
}
