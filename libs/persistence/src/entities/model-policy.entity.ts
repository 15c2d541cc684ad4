import { Column, Entity, JoinColumn, OneToOne, PrimaryColumn } from 'typeorm';
import { id64, usd } from './column-types.js';
import { ProjectEntity } from './project.entity.js';

/** What a project allows a model; a project without a row has the default. */
@Entity('model_policies')
export class ModelPolicyEntity {
  @PrimaryColumn('uuid', { name: 'project_id', primaryKeyConstraintName: 'model_policies_pkey' })
  projectId!: string;

  @OneToOne(() => ProjectEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'model_policies_project_fkey' })
  project!: ProjectEntity;

  @Column('boolean', { name: 'allows_outside_model' })
  allowsOutsideModel!: boolean;

  @Column({ ...usd, name: 'daily_usd', nullable: true })
  dailyUsd!: number | null;

  @Column({ ...usd, name: 'monthly_usd', nullable: true })
  monthlyUsd!: number | null;

  @Column({ ...id64, name: 'daily_tokens', nullable: true })
  dailyTokens!: number | null;

  @Column({ ...id64, name: 'monthly_tokens', nullable: true })
  monthlyTokens!: number | null;

  @Column('integer', { name: 'daily_calls', nullable: true })
  dailyCalls!: number | null;

  @Column('integer', { name: 'monthly_calls', nullable: true })
  monthlyCalls!: number | null;
}
