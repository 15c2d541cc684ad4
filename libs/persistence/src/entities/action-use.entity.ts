import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { ProjectEntity } from './project.entity.js';

/** How many actions a project began on a day: of each kind, and as `all`. */
@Entity('action_use')
export class ActionUseEntity {
  @PrimaryColumn('uuid', { name: 'project_id', primaryKeyConstraintName: 'action_use_pkey' })
  projectId!: string;

  @ManyToOne(() => ProjectEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'project_id', foreignKeyConstraintName: 'action_use_project_fkey' })
  project!: ProjectEntity;

  /** `2026-11-20`, UTC. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'action_use_pkey' })
  day!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'action_use_pkey' })
  kind!: string;

  @Column('integer')
  used!: number;
}
