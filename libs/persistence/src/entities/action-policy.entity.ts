import type { ActionPolicy } from '@app/domain';
import { Column, Entity, JoinColumn, OneToOne, PrimaryColumn } from 'typeorm';
import { json } from './column-types.js';
import { ProjectEntity } from './project.entity.js';

/** What a project lets the product do; a project without a row has the default, and nothing automatic. */
@Entity('action_policies')
export class ActionPolicyEntity {
  @PrimaryColumn('uuid', { name: 'project_id', primaryKeyConstraintName: 'action_policies_pkey' })
  projectId!: string;

  @OneToOne(() => ProjectEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'action_policies_project_fkey' })
  project!: ProjectEntity;

  @Column(json)
  policy!: Partial<ActionPolicy>;
}
