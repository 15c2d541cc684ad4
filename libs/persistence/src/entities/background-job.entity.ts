import type { BackgroundJobKind, BackgroundJobState } from '@app/domain';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { time } from './column-types.js';
import { DocumentEntity } from './document.entity.js';
import { ProjectEntity } from './project.entity.js';

/** Work that a person started and may watch. */
@Entity('background_jobs')
@Index('background_jobs_created_idx', ['createdAt', 'id'])
@Index('background_jobs_project_created_idx', ['projectId', 'createdAt', 'id'])
@Index('background_jobs_document_idx', ['documentId'])
@Index('background_jobs_outbox_idx', ['updatedAt'], { where: `state IN ('queued', 'running')` })
export class BackgroundJobEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'background_jobs_pkey' })
  id!: string;

  @Column('text')
  kind!: BackgroundJobKind;

  @Column('uuid', { name: 'project_id', nullable: true })
  projectId!: string | null;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE', nullable: true })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'background_jobs_project_fkey' })
  project!: ProjectEntity | null;

  @Column('uuid', { name: 'document_id' })
  documentId!: string;

  @ManyToOne(() => DocumentEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'document_id', foreignKeyConstraintName: 'background_jobs_document_fkey' })
  document!: DocumentEntity;

  @Column('text')
  state!: BackgroundJobState;

  @Column('integer')
  done!: number;

  @Column('integer')
  total!: number;

  @Column('integer')
  attempts!: number;

  @Column('text', { nullable: true })
  error!: string | null;

  /** Raised by each dispatch; part of the queue's job id. */
  @Column('integer')
  sequence!: number;

  @Column({ ...time, name: 'created_at' })
  createdAt!: Date;

  @Column({ ...time, name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column({ ...time, name: 'finished_at', nullable: true })
  finishedAt!: Date | null;

  @Column({ ...time, name: 'updated_at' })
  updatedAt!: Date;
}
