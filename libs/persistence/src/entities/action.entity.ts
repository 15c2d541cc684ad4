import type { ActionKind, ActionState } from '@app/domain';
import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { time } from './column-types.js';
import { IncidentEntity } from './incident.entity.js';
import { ProjectEntity } from './project.entity.js';
import { WorkflowEntity } from './workflow.entity.js';

/** An action that was begun: written before its effect, finished after it. */
@Entity('actions')
@Unique('actions_key', ['projectId', 'key'])
@Check('actions_claim_check', `(state = 'started') = (claim_token IS NOT NULL AND claim_until IS NOT NULL)`)
@Index('actions_incident_idx', ['incidentId'])
@Index('actions_workflow_idx', ['workflowId'])
@Index('actions_comments_idx', ['finishedAt'], { where: `kind = 'comment' AND state = 'done'` })
export class ActionEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'actions_pkey' })
  id!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'actions_project_fkey' })
  project!: ProjectEntity;

  /** Names the effect. */
  @Column('text')
  key!: string;

  @Column('text')
  kind!: ActionKind;

  @Column('uuid', { name: 'incident_id', nullable: true })
  incidentId!: string | null;

  @ManyToOne(() => IncidentEntity, { onDelete: 'SET NULL', nullable: true })
  @JoinColumn({ name: 'incident_id', foreignKeyConstraintName: 'actions_incident_fkey' })
  incident!: IncidentEntity | null;

  @Column('uuid', { name: 'workflow_id', nullable: true })
  workflowId!: string | null;

  @ManyToOne(() => WorkflowEntity, { onDelete: 'SET NULL', nullable: true })
  @JoinColumn({ name: 'workflow_id', foreignKeyConstraintName: 'actions_workflow_fkey' })
  workflow!: WorkflowEntity | null;

  @Column('text', { name: 'payload_hash' })
  payloadHash!: string;

  @Column('text')
  state!: ActionState;

  @Column('text', { name: 'remote_id', nullable: true })
  remoteId!: string | null;

  @Column('text', { nullable: true })
  url!: string | null;

  @Column('text', { nullable: true })
  error!: string | null;

  /** Names the one worker that may finish it. */
  @Column('uuid', { name: 'claim_token', nullable: true })
  claimToken!: string | null;

  @Column({ ...time, name: 'claim_until', nullable: true })
  claimUntil!: Date | null;

  @Column({ ...time, name: 'started_at' })
  startedAt!: Date;

  @Column({ ...time, name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}
