import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { id64, time } from './column-types.js';
import { IncidentEntity } from './incident.entity.js';
import { PatternEntity } from './pattern.entity.js';

/** The run that proved an incident repaired, and what is still to be learned from it. */
@Entity('repairs')
@Index('repairs_pattern_idx', ['patternId'])
@Index('repairs_passed_idx', ['passedAt'])
@Index('repairs_due_idx', ['dueAt'], { where: `state = 'due'` })
export class RepairEntity {
  @PrimaryColumn('uuid', { name: 'incident_id', primaryKeyConstraintName: 'repairs_pkey' })
  incidentId!: string;

  @ManyToOne(() => IncidentEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'incident_id', foreignKeyConstraintName: 'repairs_incident_fkey' })
  incident!: IncidentEntity;

  @PrimaryColumn({ ...id64, name: 'run_id', primaryKeyConstraintName: 'repairs_pkey' })
  runId!: number;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'repairs_pkey' })
  attempt!: number;

  @Column('uuid', { name: 'pattern_id', nullable: true })
  patternId!: string | null;

  @ManyToOne(() => PatternEntity, { onDelete: 'CASCADE', nullable: true })
  @JoinColumn({ name: 'pattern_id', foreignKeyConstraintName: 'repairs_pattern_fkey' })
  pattern!: PatternEntity | null;

  @Column({ ...time, name: 'passed_at' })
  passedAt!: Date;

  @Column('text', { name: 'red_sha', nullable: true })
  redSha!: string | null;

  @Column('text', { name: 'green_sha', nullable: true })
  greenSha!: string | null;

  @Column('boolean', { name: 'same_commit' })
  sameCommit!: boolean;

  /** `due`: the commits between are still to be asked for; `learned`; `given_up`. */
  @Column('text')
  state!: 'due' | 'learned' | 'given_up';

  @Column('integer')
  tries!: number;

  @Column({ ...time, name: 'due_at' })
  dueAt!: Date;

  @Column('text', { nullable: true })
  note!: string | null;
}
