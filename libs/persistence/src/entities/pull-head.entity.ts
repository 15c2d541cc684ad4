import { Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { ProjectEntity } from './project.entity.js';

/** Which pull requests a commit is or was the head of. */
@Entity('pull_heads')
@Index('pull_heads_number_idx', ['projectId', 'number'])
export class PullHeadEntity {
  @PrimaryColumn('uuid', { name: 'project_id', primaryKeyConstraintName: 'pull_heads_pkey' })
  projectId!: string;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'pull_heads_project_fkey' })
  project!: ProjectEntity;

  @PrimaryColumn('text', { name: 'head_sha', primaryKeyConstraintName: 'pull_heads_pkey' })
  headSha!: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'pull_heads_pkey' })
  number!: number;
}
