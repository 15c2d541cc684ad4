import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { id64, time } from './column-types.js';
import { ProjectEntity } from './project.entity.js';

/** How a job ended in one attempt of its run. */
@Entity('job_attempts')
@Index('job_attempts_passed_idx', ['projectId', 'branch', 'jobName', 'runId'], {
  where: `conclusion = 'success'`,
})
export class JobAttemptEntity {
  @PrimaryColumn('uuid', { name: 'project_id', primaryKeyConstraintName: 'job_attempts_pkey' })
  projectId!: string;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'job_attempts_project_fkey' })
  project!: ProjectEntity;

  @PrimaryColumn(id64.type, {
    name: 'run_id',
    transformer: id64.transformer,
    primaryKeyConstraintName: 'job_attempts_pkey',
  })
  runId!: number;

  @PrimaryColumn('text', { name: 'job_name', primaryKeyConstraintName: 'job_attempts_pkey' })
  jobName!: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'job_attempts_pkey' })
  attempt!: number;

  @Column({ ...id64, name: 'job_id', nullable: true })
  jobId!: number | null;

  @Column('text', { nullable: true })
  branch!: string | null;

  @Column('text')
  conclusion!: string;

  @Column('text', { name: 'failed_step', nullable: true })
  failedStep!: string | null;

  @Column({ ...time, name: 'ended_at' })
  endedAt!: Date;

  @Column('text', { nullable: true })
  url!: string | null;
}
