import { Column, Entity, PrimaryColumn } from 'typeorm';
import { id64, time } from './column-types.js';

/** The GitHub App that was made from the product's manifest, one an API; its secrets are sealed. */
@Entity('github_apps')
export class GithubAppEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'github_apps_pkey' })
  host!: string;

  @Column({ ...id64, name: 'app_id' })
  appId!: number;

  @Column('text')
  slug!: string;

  @Column('text', { name: 'client_id' })
  clientId!: string;

  @Column('text')
  url!: string;

  @Column('text', { nullable: true })
  owner!: string | null;

  @Column('text', { name: 'private_key_sealed' })
  privateKeySealed!: string;

  @Column('text', { name: 'client_secret_sealed' })
  clientSecretSealed!: string;

  @Column('text', { name: 'webhook_secret_sealed', nullable: true })
  webhookSecretSealed!: string | null;

  @Column({ ...time, name: 'created_at' })
  createdAt!: Date;

  @Column('text', { name: 'created_by' })
  createdBy!: string;
}
