import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { time } from './column-types.js';

/** A background job that ended without success. */
@Entity('failed_jobs')
@Index('failed_jobs_failed_idx', ['failedAt'])
export class FailedJobEntity {
  @PrimaryColumn('text', { name: 'job_id', primaryKeyConstraintName: 'failed_jobs_pkey' })
  jobId!: string;

  @Column('text')
  name!: string;

  @Column('text')
  subject!: string;

  @Column('text')
  error!: string;

  @Column('integer')
  attempts!: number;

  @Column({ ...time, name: 'failed_at' })
  failedAt!: Date;
}
