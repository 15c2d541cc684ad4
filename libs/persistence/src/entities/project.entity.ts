import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { time } from './column-types.js';

@Entity('projects')
// Unique without regard to case, as GitHub compares names: an index over lower(), which TypeORM can't express.
@Index('projects_repository_key', { synchronize: false })
export class ProjectEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'projects_pkey' })
  id!: string;

  @Column('text')
  host!: string;

  @Column('text')
  owner!: string;

  @Column('text')
  name!: string;

  @Column({ ...time, name: 'created_at' })
  createdAt!: Date;

  /** Null: as configured for all. */
  @Column('integer', { name: 'log_retention_days', nullable: true })
  logRetentionDays!: number | null;

  @Column('integer', { name: 'diagnosis_retention_days', nullable: true })
  diagnosisRetentionDays!: number | null;
}
