import type { IncidentStatus } from '@app/domain';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { json, time } from './column-types.js';
import { IncidentEntity } from './incident.entity.js';

/** An entry of an incident's timeline. */
@Entity('incident_events')
@Index('incident_events_incident_idx', ['incidentId', 'id'])
export class IncidentEventEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'incident_events_pkey',
  })
  id!: string;

  @Column('uuid', { name: 'incident_id' })
  incidentId!: string;

  @ManyToOne(() => IncidentEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'incident_id', foreignKeyConstraintName: 'incident_events_incident_fkey' })
  incident!: IncidentEntity;

  @Column(time)
  at!: Date;

  @Column('text')
  kind!: string;

  @Column('text', { name: 'from_status', nullable: true })
  from!: IncidentStatus | null;

  @Column('text', { name: 'to_status', nullable: true })
  to!: IncidentStatus | null;

  @Column(json)
  facts!: Record<string, unknown>;
}
