import type { NeededPermission } from '@app/github';
import { failed, warning, type Finding } from '../check.js';

/** What is missing, and what each costs: a failure where without it nothing works. */
export function lacking(missing: readonly NeededPermission[], where: string, mend: string): Finding {
  const list = missing.map(({ permission, level, feature }) => `${permission}: ${level} (no ${feature})`);
  const detail = `${where}; missing: ${list.join('; ')}`;
  const make = missing.some(({ isEssential }) => isEssential) ? failed : warning;
  return make('github_permissions_missing', detail, mend);
}
