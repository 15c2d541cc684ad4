import type { WarmUpSource } from '@app/cache';
import { WarmCache } from '@app/composition';
import { Injectable } from '@nestjs/common';
import { ChannelReader } from '../channels/channel-reader.js';

const CHANNELS_WARMED = 50;
const EVERYBODY = { projectIds: null };

/** Warms the cache with what all parts read, and with the open channels, which only this process reads. */
@Injectable()
export class ApiWarmUp {
  constructor(
    private readonly cache: WarmCache,
    private readonly channels: ChannelReader,
  ) {}

  /** How many reads were made. Never throws. */
  run(when: 'at_start' | 'on_request'): Promise<number> {
    return this.cache.run(when, [this.openChannels()]);
  }

  private openChannels(): WarmUpSource {
    return {
      name: 'open_channels',
      reads: async () => {
        const { items } = await this.channels.list(EVERYBODY, CHANNELS_WARMED, null);
        return items.flatMap(({ id }) => [
          () => this.channels.get(EVERYBODY, id),
          () => this.channels.count(id),
        ]);
      },
    };
  }
}
