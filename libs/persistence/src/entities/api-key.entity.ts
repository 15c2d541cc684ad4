import type { Role } from '@app/domain';
import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { time } from './column-types.js';

@Entity('api_keys')
@Unique('api_keys_hash_key', ['hash'])
export class ApiKeyEntity {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'api_keys_pkey' })
  id!: string;

  @Column('text')
  name!: string;

  @Column('text')
  role!: Role;

  /** Null: every project. */
  @Column('uuid', { name: 'project_ids', array: true, nullable: true })
  projectIds!: string[] | null;

  /** SHA-256 of the key, hex. */
  @Column('text')
  hash!: string;

  @Column({ ...time, name: 'created_at' })
  createdAt!: Date;

  @Column({ ...time, name: 'last_used_at', nullable: true })
  lastUsedAt!: Date | null;

  @Column({ ...time, name: 'revoked_at', nullable: true })
  revokedAt!: Date | null;
}
