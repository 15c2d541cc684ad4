import type { FixCommit } from '@app/domain';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { json, time } from './column-types.js';
import { IncidentEntity } from './incident.entity.js';
import { PatternEntity } from './pattern.entity.js';

/** The commits between a pattern's failure and the run that passed. */
@Entity('likely_fixes')
@Unique('likely_fixes_between_key', ['patternId', 'redSha', 'greenSha'])
@Index('likely_fixes_incident_idx', ['incidentId'])
export class LikelyFixEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'likely_fixes_pkey',
  })
  id!: string;

  @Column('uuid', { name: 'pattern_id' })
  patternId!: string;

  @ManyToOne(() => PatternEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'pattern_id', foreignKeyConstraintName: 'likely_fixes_pattern_fkey' })
  pattern!: PatternEntity;

  @Column('uuid', { name: 'incident_id', nullable: true })
  incidentId!: string | null;

  @ManyToOne(() => IncidentEntity, { onDelete: 'SET NULL', nullable: true })
  @JoinColumn({ name: 'incident_id', foreignKeyConstraintName: 'likely_fixes_incident_fkey' })
  incident!: IncidentEntity | null;

  @Column('text', { name: 'red_sha' })
  redSha!: string;

  @Column('text', { name: 'green_sha' })
  greenSha!: string;

  @Column(json)
  commits!: FixCommit[];

  @Column('integer', { name: 'total_commits' })
  totalCommits!: number;

  @Column(json)
  files!: string[];

  @Column('text', { nullable: true })
  url!: string | null;

  @Column({ ...time, name: 'found_at' })
  foundAt!: Date;
}
