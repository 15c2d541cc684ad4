import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { id64, time } from './column-types.js';
import { ProjectEntity } from './project.entity.js';

/** How an attempt of a run ended. */
@Entity('run_attempts')
@Index('run_attempts_ended_idx', ['endedAt', 'projectId', 'conclusion'])
export class RunAttemptEntity {
  @PrimaryColumn('uuid', { name: 'project_id', primaryKeyConstraintName: 'run_attempts_pkey' })
  projectId!: string;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'run_attempts_project_fkey' })
  project!: ProjectEntity;

  @PrimaryColumn(id64.type, {
    name: 'run_id',
    transformer: id64.transformer,
    primaryKeyConstraintName: 'run_attempts_pkey',
  })
  runId!: number;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'run_attempts_pkey' })
  attempt!: number;

  @Column('text', { nullable: true })
  conclusion!: string | null;

  @Column({ ...time, name: 'ended_at', nullable: true })
  endedAt!: Date | null;

  @Column('boolean', { name: 'jobs_listed' })
  jobsListed!: boolean;
}
