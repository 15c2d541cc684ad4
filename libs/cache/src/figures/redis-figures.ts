import type { RedisFigures } from '@app/domain';

/** Reads what INFO answered, one text a server. */
export function redisFiguresOf(infos: readonly string[]): RedisFigures {
  const servers = infos.map((info) => (name: string) => Number(fieldOf(info, name) ?? 0));
  const sum = (name: string): number => servers.reduce((total, figure) => total + figure(name), 0);
  return {
    usedMemoryBytes: sum('used_memory'),
    connectedClients: sum('connected_clients'),
    keyspaceHits: sum('keyspace_hits'),
    keyspaceMisses: sum('keyspace_misses'),
    totalCommands: sum('total_commands_processed'),
    uptimeSeconds: Math.min(...servers.map((figure) => figure('uptime_in_seconds'))),
  };
}

/** One field of an INFO answer; null when it is not there. */
export function fieldOf(info: string, name: string): string | null {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? null;
}
