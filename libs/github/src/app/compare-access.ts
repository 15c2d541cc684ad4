import {
  NEEDED_EVENTS,
  NEEDED_PERMISSIONS,
  permissionsFor,
  type NeededEvent,
  type NeededPermission,
} from './needed-access.js';

/** As GitHub says them: permission → `read`, `write` or `admin`. */
export type GrantedPermissions = Readonly<Record<string, string | undefined>>;

export interface AccessComparison {
  readonly missingPermissions: readonly NeededPermission[];
  readonly missingEvents: readonly NeededEvent[];
  /** What the product never uses, as `permission: level`. */
  readonly superfluousPermissions: readonly string[];
  readonly superfluousEvents: readonly string[];
}

const RANK: Readonly<Record<string, number>> = { read: 1, write: 2, admin: 3 };
/** Sent to every App unasked; an App that lists them gets nothing more. */
const UNASKED_EVENTS = new Set(['installation', 'installation_repositories', 'ping', 'meta']);

function rank(level: string | undefined): number {
  return RANK[level ?? ''] ?? 0;
}

/** What is granted, held against what the product needs. */
export function compareAccess(
  permissions: GrantedPermissions,
  events: readonly string[] = NEEDED_EVENTS.map(({ event }) => event),
): AccessComparison {
  const wanted = permissionsFor('act');
  const isNeeded = new Set(NEEDED_EVENTS.map(({ event }) => event));
  return {
    missingPermissions: NEEDED_PERMISSIONS.filter(
      ({ permission, level }) => rank(permissions[permission]) < rank(level),
    ),
    missingEvents: NEEDED_EVENTS.filter(({ event }) => !events.includes(event)),
    superfluousPermissions: Object.entries(permissions)
      .filter(([permission, level]) => rank(level) > rank(wanted[permission]))
      .map(([permission, level]) => `${permission}: ${level}`),
    superfluousEvents: events.filter((event) => !isNeeded.has(event) && !UNASKED_EVENTS.has(event)),
  };
}
