import type { AnchoredCitation } from '@app/domain';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { json, time } from './column-types.js';
import { DiagnosisEntity } from './diagnosis.entity.js';
import { IncidentEntity } from './incident.entity.js';

/** A diagnosis as one incident shows it: with citations anchored to that incident's log. */
@Entity('incident_diagnoses')
@Index('incident_diagnoses_diagnosis_idx', ['diagnosisId'])
// With columns that it includes beside those it is ordered by.
@Index('incident_diagnoses_created_idx', { synchronize: false })
export class IncidentDiagnosisEntity {
  @PrimaryColumn('uuid', { name: 'incident_id', primaryKeyConstraintName: 'incident_diagnoses_pkey' })
  incidentId!: string;

  @ManyToOne(() => IncidentEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'incident_id', foreignKeyConstraintName: 'incident_diagnoses_incident_fkey' })
  incident!: IncidentEntity;

  @PrimaryColumn('uuid', { name: 'diagnosis_id', primaryKeyConstraintName: 'incident_diagnoses_pkey' })
  diagnosisId!: string;

  @ManyToOne(() => DiagnosisEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'diagnosis_id', foreignKeyConstraintName: 'incident_diagnoses_diagnosis_fkey' })
  diagnosis!: DiagnosisEntity;

  /** True when the pattern's stored diagnosis was reused. */
  @Column('boolean')
  reused!: boolean;

  @Column(json)
  citations!: AnchoredCitation[];

  @Column({ ...time, name: 'created_at' })
  createdAt!: Date;
}
