import type { DeliveryMeaning, DeliveryStatus, RepositoryRef } from '@app/domain';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { json, time } from './column-types.js';
import { ProjectEntity } from './project.entity.js';

@Entity('deliveries')
@Index('deliveries_received_idx', ['receivedAt', 'id'])
@Index('deliveries_project_received_idx', ['projectId', 'receivedAt', 'id'])
// A project's line.
@Index('deliveries_line_idx', ['projectId'], { where: `status = 'pending'` })
// The outbox of failed runs whose jobs are still to be listed.
@Index('deliveries_outbox_idx', ['outboxAt'], { where: `status = 'pending'` })
export class DeliveryEntity {
  /** GitHub's `X-GitHub-Delivery`. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'deliveries_pkey' })
  id!: string;

  @Column('text')
  event!: string;

  @Column('text', { nullable: true })
  action!: string | null;

  @Column({ ...json, nullable: true })
  repository!: RepositoryRef | null;

  @Column({ ...time, name: 'received_at' })
  receivedAt!: Date;

  @Column(json)
  meaning!: DeliveryMeaning;

  @Column('text')
  status!: DeliveryStatus;

  @Column('text', { nullable: true })
  note!: string | null;

  @Column('uuid', { name: 'incident_ids', array: true, default: () => `'{}'` })
  incidentIds!: string[];

  /** Raised by each dispatch of the sweeper. */
  @Column('integer', { default: 0 })
  sequence!: number;

  /** When it was received or last dispatched. */
  @Column({ ...time, name: 'outbox_at' })
  outboxAt!: Date;

  /** Null where the repository is unknown. */
  @Column('uuid', { name: 'project_id', nullable: true })
  projectId!: string | null;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE', nullable: true })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'deliveries_project_fkey' })
  project!: ProjectEntity | null;

  /** What the product reads of the event, redacted: for a replay. */
  @Column({ ...json, nullable: true, select: false })
  payload!: Record<string, unknown> | null;
}
