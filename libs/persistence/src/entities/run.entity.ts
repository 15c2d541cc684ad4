import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { id64, time } from './column-types.js';
import { ProjectEntity } from './project.entity.js';

/** What is constant in a run, completed by each report of it. */
@Entity('runs')
@Index('runs_head_idx', ['projectId', 'headSha'])
@Index('runs_told_idx', ['toldAt'])
export class RunEntity {
  @PrimaryColumn('uuid', { name: 'project_id', primaryKeyConstraintName: 'runs_pkey' })
  projectId!: string;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'runs_project_fkey' })
  project!: ProjectEntity;

  @PrimaryColumn(id64.type, {
    name: 'run_id',
    transformer: id64.transformer,
    primaryKeyConstraintName: 'runs_pkey',
  })
  runId!: number;

  @Column({ ...id64, name: 'workflow_id', nullable: true })
  workflowId!: number | null;

  @Column('text', { name: 'workflow_name', nullable: true })
  workflowName!: string | null;

  @Column('text', { nullable: true })
  trigger!: string | null;

  @Column('text', { nullable: true })
  branch!: string | null;

  @Column('text', { name: 'head_sha', nullable: true })
  headSha!: string | null;

  @Column('text', { name: 'head_repository', nullable: true })
  headRepository!: string | null;

  @Column('boolean', { name: 'own_work' })
  ownWork!: boolean;

  @Column({ ...time, name: 'told_at' })
  toldAt!: Date;
}
