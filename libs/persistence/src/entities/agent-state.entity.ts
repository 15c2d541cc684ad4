import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AgentId } from '@app/domain';
import { time } from './column-types.js';

/** What people decided about a role of a model; a role without a row is as the release has it. */
@Entity('agent_states')
export class AgentStateEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'agent_states_pkey' })
  id!: AgentId;

  @Column('boolean')
  active!: boolean;

  @Column('text', { name: 'prompt_version', nullable: true })
  promptVersion!: string | null;

  @Column({ ...time, name: 'updated_at' })
  updatedAt!: Date;
}
