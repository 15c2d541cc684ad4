import type { DocumentOrigin, DocumentStatus } from '@app/domain';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { time } from './column-types.js';
import { ProjectEntity } from './project.entity.js';

/** A runbook, or another text that answers may rest on. */
@Entity('documents')
@Index('documents_created_idx', ['createdAt', 'id'])
@Index('documents_project_created_idx', ['projectId', 'createdAt', 'id'])
// Unique a project, without one too: an index over coalesce(), which TypeORM can't express.
@Index('documents_content_key', { synchronize: false })
export class DocumentEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'documents_pkey' })
  id!: string;

  /** Null: for every project. */
  @Column('uuid', { name: 'project_id', nullable: true })
  projectId!: string | null;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE', nullable: true })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'documents_project_fkey' })
  project!: ProjectEntity | null;

  @Column('text')
  title!: string;

  @Column('text')
  origin!: DocumentOrigin;

  @Column('text', { nullable: true })
  filename!: string | null;

  @Column('text', { nullable: true })
  url!: string | null;

  @Column('text', { name: 'content_type' })
  contentType!: string;

  @Column('integer', { name: 'size_bytes' })
  sizeBytes!: number;

  @Column('text', { name: 'content_hash' })
  contentHash!: string;

  @Column('text')
  status!: DocumentStatus;

  @Column('integer')
  passages!: number;

  @Column({ ...time, name: 'created_at' })
  createdAt!: Date;

  @Column({ ...time, name: 'ready_at', nullable: true })
  readyAt!: Date | null;
}
