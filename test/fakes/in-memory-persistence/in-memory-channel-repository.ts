import { randomUUID } from 'node:crypto';
import {
  ChannelNotFound,
  IncidentNotFound,
  InvalidInput,
  ProjectNotFound,
  type Channel,
  type ChannelMessage,
  type ChannelRepository,
  type NewChannel,
  type NewMessage,
  type Page,
} from '@app/domain';
import { pageOf } from './page.js';
import { copy, type MemoryStore } from './store.js';

export class InMemoryChannelRepository implements ChannelRepository {
  constructor(private readonly store: MemoryStore) {}

  async create(channel: NewChannel): Promise<Channel> {
    const { projectId, incidentId } = channel;
    if (projectId !== null && !this.store.projects.has(projectId)) throw new ProjectNotFound(projectId);
    if (incidentId !== null && !this.store.incidents.has(incidentId)) throw new IncidentNotFound(incidentId);
    const now = this.store.clock.now();
    const made: Channel = { ...channel, id: randomUUID(), createdAt: now, updatedAt: now };
    this.store.channels.set(made.id, made);
    return copy(made);
  }

  async find(id: string): Promise<Channel | null> {
    return copy(this.store.channels.get(id) ?? null);
  }

  async list(
    projectIds: readonly string[] | null,
    limit: number,
    cursor: string | null,
  ): Promise<Page<Channel>> {
    const rows = [...this.store.channels.values()].filter(
      ({ projectId }) => projectIds === null || (projectId !== null && projectIds.includes(projectId)),
    );
    return pageOf(rows, limit, cursor);
  }

  async say(channelId: string, message: NewMessage): Promise<ChannelMessage> {
    const channel = this.store.channels.get(channelId);
    if (!channel) throw new ChannelNotFound(channelId);
    const at = this.store.clock.now();
    Object.assign(channel, { updatedAt: at });
    const said: ChannelMessage = { ...copy(message), id: (this.store.messageIds += 1), channelId, at };
    this.store.messages.push(said);
    return copy(said);
  }

  async messages(channelId: string, limit: number, cursor: string | null): Promise<Page<ChannelMessage>> {
    if (cursor !== null && !/^[1-9]\d*$/.test(cursor))
      throw new InvalidInput('The cursor is not one that a list gave.', { cursor });
    const rows = this.of(channelId)
      .filter(({ id }) => cursor === null || id < Number(cursor))
      .toReversed();
    const items = rows.slice(0, limit);
    return { items: copy(items), nextCursor: rows.length > limit ? String(items.at(-1)!.id) : null };
  }

  async countMessages(channelId: string): Promise<number> {
    return this.of(channelId).length;
  }

  async clear(channelId: string): Promise<number> {
    const removed = this.of(channelId).length;
    this.store.messages = this.store.messages.filter((message) => message.channelId !== channelId);
    return removed;
  }

  async delete(id: string): Promise<boolean> {
    await this.clear(id);
    return this.store.channels.delete(id);
  }

  private of(channelId: string): readonly ChannelMessage[] {
    return this.store.messages.filter((message) => message.channelId === channelId);
  }
}
