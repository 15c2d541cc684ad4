import type { Channel, ChannelMessage } from '../channel.js';
import type { Page } from './page.js';

export type NewChannel = Pick<Channel, 'title' | 'projectId' | 'incidentId' | 'createdBy'>;
export type NewMessage = Pick<ChannelMessage, 'role' | 'author' | 'text' | 'answer'>;

export abstract class ChannelRepository {
  /** @throws ProjectNotFound, IncidentNotFound */
  abstract create(channel: NewChannel): Promise<Channel>;
  abstract find(id: string): Promise<Channel | null>;
  /** Newest first; null: all, otherwise those of the projects. @throws InvalidInput on a cursor that is not one */
  abstract list(
    projectIds: readonly string[] | null,
    limit: number,
    cursor: string | null,
  ): Promise<Page<Channel>>;
  /** @throws ChannelNotFound */
  abstract say(channelId: string, message: NewMessage): Promise<ChannelMessage>;
  /** Newest first. @throws InvalidInput on a cursor that is not one */
  abstract messages(channelId: string, limit: number, cursor: string | null): Promise<Page<ChannelMessage>>;
  abstract countMessages(channelId: string): Promise<number>;
  /** Removes every message; returns how many. */
  abstract clear(channelId: string): Promise<number>;
  /** Removes the channel with its messages; false when there is none. */
  abstract delete(id: string): Promise<boolean>;
}
