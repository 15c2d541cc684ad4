import { describe, expect, it } from 'vitest';
import { compareAccess } from './compare-access.js';
import { NEEDED_EVENTS, permissionsFor } from './needed-access.js';

const ALL_EVENTS = NEEDED_EVENTS.map(({ event }) => event);
const named = (missing: readonly { permission: string; level: string }[]) =>
  missing.map(({ permission, level }) => `${permission}: ${level}`);

describe('what GitHub granted against what is needed', () => {
  it('is in order for an App made from the manifest', () => {
    expect(compareAccess(permissionsFor('act'), ALL_EVENTS)).toEqual({
      missingPermissions: [],
      missingEvents: [],
      superfluousPermissions: [],
      superfluousEvents: [],
    });
  });

  it('lacks only what acts in an App that was made to diagnose', () => {
    const { missingPermissions, superfluousPermissions } = compareAccess(permissionsFor('diagnose'));
    expect(missingPermissions.every(({ use, isEssential }) => use === 'act' && !isEssential)).toBe(true);
    expect(named(missingPermissions)).toContain('contents: write');
    expect(superfluousPermissions).toEqual([]);
  });

  it('takes a higher level for a lower one, and says what is beyond any need', () => {
    const found = compareAccess(
      { metadata: 'read', actions: 'write', administration: 'write', issues: 'admin' },
      ['workflow_run', 'installation', 'star'],
    );
    expect(named(found.missingPermissions)).toEqual([
      'contents: read',
      'pull_requests: read',
      'checks: read',
      'checks: write',
      'contents: write',
      'pull_requests: write',
    ]);
    expect(found.superfluousPermissions).toEqual(['administration: write', 'issues: admin']);
    expect(found.missingEvents.map(({ event }) => event)).toEqual([
      'workflow_job',
      'check_run',
      'pull_request',
      'push',
    ]);
    expect(found.superfluousEvents).toEqual(['star']);
  });
});
