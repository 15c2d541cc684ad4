import type { PatternEvent } from '@app/domain';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { json, time } from './column-types.js';
import { PatternEntity } from './pattern.entity.js';

/** What a person did to a pattern. */
@Entity('pattern_events')
@Index('pattern_events_pattern_idx', ['patternId', 'id'])
export class PatternEventEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'pattern_events_pkey',
  })
  id!: string;

  @Column('uuid', { name: 'pattern_id' })
  patternId!: string;

  @ManyToOne(() => PatternEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'pattern_id', foreignKeyConstraintName: 'pattern_events_pattern_fkey' })
  pattern!: PatternEntity;

  @Column(time)
  at!: Date;

  @Column('text')
  kind!: PatternEvent['kind'];

  @Column('text')
  by!: string;

  @Column(json)
  facts!: Record<string, unknown>;
}
