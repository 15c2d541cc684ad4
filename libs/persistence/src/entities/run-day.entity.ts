import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { time } from './column-types.js';
import { ProjectEntity } from './project.entity.js';

/** How many attempts of runs ended on a day, of those that are not known one by one any more. */
@Entity('run_days')
@Index('run_days_day_idx', ['day'])
export class RunDayEntity {
  @PrimaryColumn('uuid', { name: 'project_id', primaryKeyConstraintName: 'run_days_pkey' })
  projectId!: string;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'run_days_project_fkey' })
  project!: ProjectEntity;

  /** Midnight, UTC. */
  @PrimaryColumn({ ...time, primaryKeyConstraintName: 'run_days_pkey' })
  day!: Date;

  @Column('integer')
  runs!: number;

  @Column('integer')
  failed!: number;
}
