import type { RedisEndpoint } from '@app/config';
import type { Log } from '@app/domain';
import { readAnnouncement, type BusChannels } from './bus-messages.js';
import { singleClient, type RedisClient } from './redis-client.js';
import { masterOf } from './sentinels.js';
import type { Announcement } from './shared-store.js';

const AGAIN_FIRST_MS = 50;
const AGAIN_MAX_MS = 500;
/** Without an own heartbeat for so long the connection is dead, or leads to a server that is master no more. */
const SILENT_TOO_LONG_MS = 2_000;

export interface BusListener {
  /** Another process invalidated something. */
  onAnnouncement(announcement: Announcement): void;
  /** Announcements may have been missed; from now on none is. */
  onBack(): void;
}

/**
 * Hears what other processes invalidate, over a connection of its own: one that subscribes can do nothing else. What
 * was announced before an own heartbeat came back has been heard, so `syncedAt` tells up to when this process knows
 * everything. (In a cluster announcements travel between nodes, and may be late by that.)
 */
export class InvalidationBus {
  private client: RedisClient | null = null;
  private synced = Number.NEGATIVE_INFINITY;
  private joinedAt = 0;
  private failures = 0;
  private closed = false;
  private node = 0;

  constructor(
    private readonly endpoint: RedisEndpoint,
    private readonly channels: BusChannels,
    private readonly origin: string,
    private readonly listener: BusListener,
    private readonly log: Log,
  ) {
    void this.join();
  }

  /** Up to when (`performance.now()`) everything announced was heard; long ago while the bus is lost. */
  get syncedAt(): number {
    return this.synced;
  }

  /** Called now and then while the store answers: a bus that stays silent then is joined anew. */
  check(): void {
    const since = Math.max(this.synced, this.joinedAt);
    if (this.client !== null && this.joinedAt > 0 && performance.now() - since > SILENT_TOO_LONG_MS)
      this.leave(this.client, 'silent');
  }

  async close(): Promise<void> {
    this.closed = true;
    if (this.client?.isOpen) this.client.destroy();
    this.client = null;
  }

  private async join(): Promise<void> {
    if (this.closed) return;
    let client: RedisClient | null = null;
    try {
      client = singleClient(this.endpoint, await this.nodeToHear(), false);
      this.client = client;
      const own = client;
      client.on('error', (error: Error) => this.leave(own, error.message));
      await client.connect();
      await client.subscribe(this.channels.heartbeat, (text) => this.heard(own, Number(text)));
      await client.subscribe(this.channels.invalidation, (text) => this.announced(own, text));
      if (this.client !== own || this.closed) return;
      this.joinedAt = performance.now();
      this.failures = 0;
      this.log.info({}, 'cache_bus_joined');
      this.listener.onBack();
    } catch (error) {
      if (client === null) this.again((error as Error).message);
      else this.leave(client, (error as Error).message);
    }
  }

  private heard(client: RedisClient, beat: number): void {
    // Before onBack nothing may count as heard.
    if (this.client === client && this.joinedAt > 0 && beat >= this.joinedAt) this.synced = beat;
  }

  private announced(client: RedisClient, text: string): void {
    if (this.client !== client) return;
    const announcement = readAnnouncement(text);
    if (announcement === null) this.log.debug({ bytes: text.length }, 'cache_announcement_unreadable');
    else if (announcement.from !== this.origin) this.listener.onAnnouncement(announcement);
  }

  private leave(client: RedisClient, reason: string): void {
    if (this.client !== client) return;
    this.client = null;
    if (this.joinedAt > 0) this.log.info({ reason }, 'cache_bus_lost');
    this.joinedAt = 0;
    this.synced = Number.NEGATIVE_INFINITY;
    if (client.isOpen) client.destroy();
    this.again(reason);
  }

  private again(reason: string): void {
    if (this.closed) return;
    this.log.debug({ reason }, 'cache_bus_away');
    const waitMs = Math.min(AGAIN_FIRST_MS * 2 ** this.failures, AGAIN_MAX_MS);
    this.failures += 1;
    setTimeout(() => void this.join(), waitMs).unref();
  }

  /** The server, any node of a cluster in turn, or the master the sentinels name. */
  private async nodeToHear(): Promise<{ host: string; port: number }> {
    const { nodes, mode } = this.endpoint;
    const node = nodes[this.node % nodes.length]!;
    this.node += 1;
    return mode === 'sentinel' ? masterOf(this.endpoint) : node;
  }
}
