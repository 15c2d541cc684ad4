import type { StepResult } from '@app/domain';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { json, time } from './column-types.js';
import { IncidentEntity } from './incident.entity.js';

/** A checkpoint of the diagnosis under way: what an ended step left behind. */
@Entity('diagnosis_steps')
export class DiagnosisStepEntity {
  @PrimaryColumn('uuid', { name: 'incident_id', primaryKeyConstraintName: 'diagnosis_steps_pkey' })
  incidentId!: string;

  @ManyToOne(() => IncidentEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'incident_id', foreignKeyConstraintName: 'diagnosis_steps_incident_fkey' })
  incident!: IncidentEntity;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'diagnosis_steps_pkey' })
  step!: string;

  @Column(json)
  result!: StepResult;

  @Column({ ...time, name: 'saved_at' })
  savedAt!: Date;
}
