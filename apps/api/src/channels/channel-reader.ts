import { callerScope, hashOf, RequestCacheOutcome } from '@app/cache';
import {
  Cache,
  ChannelNotFound,
  ChannelRepository,
  type ApiKey,
  type CacheKey,
  type Channel,
  type Page,
} from '@app/domain';
import { Injectable } from '@nestjs/common';

/** Who looks, as far as it decides what they see. */
type Seer = Pick<ApiKey, 'projectIds'>;

/** Conversations as one caller may see them, from the cache: those about everything only with a key for everything. */
@Injectable()
export class ChannelReader {
  constructor(
    private readonly channels: ChannelRepository,
    private readonly cache: Cache,
  ) {}

  list({ projectIds }: Seer, limit: number, cursor: string | null): Promise<Page<Channel>> {
    const id = `list:${callerScope(projectIds)}:${hashOf({ limit, cursor })}`;
    return this.load({ operation: 'channels', id }, () => this.channels.list(projectIds, limit, cursor));
  }

  /** @throws ChannelNotFound */
  async get({ projectIds }: Seer, id: string): Promise<Channel> {
    const channel = await this.load({ operation: 'channels', id }, () => this.channels.find(id));
    const isVisible =
      projectIds === null || (channel?.projectId != null && projectIds.includes(channel.projectId));
    if (!channel || !isVisible) throw new ChannelNotFound(id);
    return channel;
  }

  count(channelId: string): Promise<number> {
    return this.load({ operation: 'messages.count', id: channelId }, () =>
      this.channels.countMessages(channelId),
    );
  }

  private async load<T>(key: CacheKey, load: () => Promise<T>): Promise<T> {
    const { value, outcome } = await this.cache.getOrLoad(key, load);
    RequestCacheOutcome.note(outcome);
    return value;
  }
}
