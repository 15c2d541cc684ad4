import { Column, Entity, PrimaryColumn } from 'typeorm';
import { id64, usd } from './column-types.js';

/** What was spent or is reserved in one period of one scope. */
@Entity('budget_use')
export class BudgetUseEntity {
  /** `all`, or `project:{id}`. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'budget_use_pkey' })
  scope!: string;

  /** `2026-11-20` or `2026-11`, UTC. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'budget_use_pkey' })
  period!: string;

  @Column({ ...usd, name: 'cost_usd' })
  costUsd!: number;

  @Column(id64)
  tokens!: number;

  @Column('integer')
  calls!: number;

  /** People were told that the limit is near or reached. */
  @Column('boolean')
  told!: boolean;
}
