import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { time } from './column-types.js';
import { ProjectEntity } from './project.entity.js';

/** A pull request as its latest event tells it. */
@Entity('pull_requests')
export class PullRequestEntity {
  @PrimaryColumn('uuid', { name: 'project_id', primaryKeyConstraintName: 'pull_requests_pkey' })
  projectId!: string;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'pull_requests_project_fkey' })
  project!: ProjectEntity;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'pull_requests_pkey' })
  number!: number;

  @Column('text')
  branch!: string;

  @Column('text')
  state!: string;

  @Column({ ...time, name: 'merged_at', nullable: true })
  mergedAt!: Date | null;

  @Column('text', { name: 'merge_sha', nullable: true })
  mergeSha!: string | null;

  @Column('text', { nullable: true })
  url!: string | null;

  @Column({ ...time, name: 'changed_at' })
  changedAt!: Date;
}
