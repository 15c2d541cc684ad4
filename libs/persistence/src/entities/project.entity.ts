import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { id64, json, time } from './column-types.js';

@Entity('projects')
// Unique without regard to case, as GitHub compares names: an index over lower(), which TypeORM can't express.
@Index('projects_repository_key', { synchronize: false })
@Index('projects_installation_idx', ['installationId'], { where: 'installation_id IS NOT NULL' })
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

  @Column({ ...json, default: () => `'{}'` })
  settings!: Record<string, unknown>;

  /** Of the GitHub App, where one is installed. */
  @Column({ ...id64, name: 'installation_id', nullable: true })
  installationId!: number | null;

  /** Null: it is known only by logs that were handed in. */
  @Column({ ...time, name: 'connected_at', nullable: true })
  connectedAt!: Date | null;

  /** When the App lost the repository; null while it is connected. */
  @Column({ ...time, name: 'disconnected_at', nullable: true })
  disconnectedAt!: Date | null;

  /** Until when the runs were compared with what deliveries told. */
  @Column({ ...time, name: 'seen_until', nullable: true })
  seenUntil!: Date | null;
}
