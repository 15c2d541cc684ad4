import { Column, Entity, PrimaryColumn, Unique } from 'typeorm';
import { time } from './column-types.js';

/** A set-up of the GitHub App on its way; what opens it is kept as a SHA-256 in hex. */
@Entity('github_app_setups')
@Unique('github_app_setups_ticket_key', ['ticketHash'])
@Unique('github_app_setups_state_key', ['stateHash'])
export class GithubAppSetupEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'github_app_setups_pkey' })
  id!: string;

  @Column('text', { name: 'ticket_hash' })
  ticketHash!: string;

  @Column('text', { name: 'browser_hash', nullable: true })
  browserHash!: string | null;

  @Column('text', { name: 'state_hash', nullable: true })
  stateHash!: string | null;

  @Column('text', { name: 'created_by' })
  createdBy!: string;

  @Column({ ...time, name: 'created_at' })
  createdAt!: Date;

  @Column({ ...time, name: 'expires_at' })
  expiresAt!: Date;

  @Column({ ...time, name: 'used_at', nullable: true })
  usedAt!: Date | null;
}
