import { z } from 'zod';
import type { Announcement } from './shared-store.js';

/** Channels of the cache's bus. */
export interface BusChannels {
  /** What was invalidated; every process listens. */
  readonly invalidation: string;
  /** Where one process hears itself, to know that it would hear the others. */
  readonly heartbeat: string;
}

const schema = z.union([
  z.object({ from: z.string(), names: z.array(z.string()) }),
  z.object({ from: z.string(), pattern: z.object({ start: z.string(), glob: z.string() }) }),
  z.object({ from: z.string(), namespace: z.string() }),
]);

export function busChannels(prefix: string, origin: string): BusChannels {
  return {
    invalidation: `${prefix}:system:cache_invalidation`,
    heartbeat: `${prefix}:system:cache_heartbeat:${origin}`,
  };
}

export function announcementText(from: string, announcement: Announcement): string {
  return JSON.stringify({ from, ...announcement });
}

/** Null for what is no announcement. */
export function readAnnouncement(text: string): (Announcement & { readonly from: string }) | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  const checked = schema.safeParse(parsed);
  return checked.success ? checked.data : null;
}
