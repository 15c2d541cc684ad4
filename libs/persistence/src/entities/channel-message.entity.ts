import type { ChannelMessage } from '@app/domain';
import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';
import { ChannelEntity } from './channel.entity.js';
import { json, time } from './column-types.js';

@Entity('channel_messages')
@Index('channel_messages_channel_idx', ['channelId', 'id'])
export class ChannelMessageEntity {
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'channel_messages_pkey',
  })
  id!: string;

  @Column('uuid', { name: 'channel_id' })
  channelId!: string;

  @ManyToOne(() => ChannelEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'channel_id', foreignKeyConstraintName: 'channel_messages_channel_fkey' })
  channel!: ChannelEntity;

  @Column('text')
  role!: ChannelMessage['role'];

  @Column('text')
  author!: string;

  @Column('text')
  text!: string;

  /** The assistant's: what the answer rests on, and who gave it. */
  @Column({ ...json, nullable: true })
  answer!: ChannelMessage['answer'];

  @Column(time)
  at!: Date;
}
