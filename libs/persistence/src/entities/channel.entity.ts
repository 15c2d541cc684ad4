import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { time } from './column-types.js';
import { IncidentEntity } from './incident.entity.js';
import { ProjectEntity } from './project.entity.js';

/** A conversation. */
@Entity('channels')
@Index('channels_created_idx', ['createdAt', 'id'])
@Index('channels_project_created_idx', ['projectId', 'createdAt', 'id'])
@Index('channels_incident_idx', ['incidentId'])
export class ChannelEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'channels_pkey' })
  id!: string;

  @Column('uuid', { name: 'project_id', nullable: true })
  projectId!: string | null;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE', nullable: true })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'channels_project_fkey' })
  project!: ProjectEntity | null;

  @Column('uuid', { name: 'incident_id', nullable: true })
  incidentId!: string | null;

  @ManyToOne(() => IncidentEntity, { onDelete: 'CASCADE', nullable: true })
  @JoinColumn({ name: 'incident_id', foreignKeyConstraintName: 'channels_incident_fkey' })
  incident!: IncidentEntity | null;

  @Column('text')
  title!: string;

  /** Name of the API key. */
  @Column('text', { name: 'created_by' })
  createdBy!: string;

  @Column({ ...time, name: 'created_at' })
  createdAt!: Date;

  @Column({ ...time, name: 'updated_at' })
  updatedAt!: Date;
}
