import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { time } from './column-types.js';
import { ProjectEntity } from './project.entity.js';

/** A webhook secret of a project, sealed; two are valid during a rotation. */
@Entity('webhook_secrets')
@Index('webhook_secrets_project_idx', ['projectId'])
export class WebhookSecretEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'webhook_secrets_pkey' })
  id!: string;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'webhook_secrets_project_fkey' })
  project!: ProjectEntity;

  @Column('text', { name: 'secret_sealed' })
  secretSealed!: string;

  @Column({ ...time, name: 'created_at' })
  createdAt!: Date;

  /** Null: until it is replaced. */
  @Column({ ...time, name: 'expires_at', nullable: true })
  expiresAt!: Date | null;
}
