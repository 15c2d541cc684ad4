import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { id64 } from './column-types.js';

/** Incidents of a project by one facet alone, as far as `incident_counts` is folded. Written by the folding alone. */
@Entity('facet_counts')
@Index('facet_counts_project_idx', ['projectId'])
export class FacetCountEntity {
  @PrimaryGeneratedColumn('identity', {
    ...id64,
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'facet_counts_pkey',
  })
  id!: number;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Column('text')
  facet!: 'status' | 'category' | 'severity' | 'determinism';

  @Column('text', { nullable: true })
  value!: string | null;

  @Column('integer')
  count!: number;
}
