import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { id64 } from './column-types.js';

/** Incidents of a branch that there are more or fewer by a change, as `IncidentCountEntity` has them of a kind. */
@Entity('branch_counts')
@Index('branch_counts_project_idx', ['projectId', 'branch'])
@Index('branch_counts_added_idx', ['id'], { where: 'NOT folded' })
export class BranchCountEntity {
  @PrimaryGeneratedColumn('identity', {
    ...id64,
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'branch_counts_pkey',
  })
  id!: number;

  @Column('uuid', { name: 'project_id' })
  projectId!: string;

  @Column('text', { nullable: true })
  branch!: string | null;

  @Column('integer')
  count!: number;

  @Column('boolean', { default: false })
  folded!: boolean;
}
