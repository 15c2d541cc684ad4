export type AccessLevel = 'read' | 'write';
/** What an App or a token is for: reading what failed, or acting on it as well. */
export type AccessUse = 'diagnose' | 'act';

/** A repository permission of GitHub, and what is lost without it. */
export interface NeededPermission {
  /** As GitHub's API names it. https://docs.github.com/rest/overview/permissions-required-for-github-apps */
  readonly permission: string;
  readonly level: AccessLevel;
  readonly use: AccessUse;
  /** Without it nothing is diagnosed at all. */
  readonly isEssential: boolean;
  /** What it is for, to be read behind “without it there is no …”. */
  readonly feature: string;
}

/** A webhook event, and what is lost without it. Events of installations and pings come to every App unasked. */
export interface NeededEvent {
  readonly event: string;
  readonly isEssential: boolean;
  readonly feature: string;
}

/** Everything the product asks of GitHub: what the App's manifest requests and what `doctor` compares with. */
export const NEEDED_PERMISSIONS: readonly NeededPermission[] = [
  need('metadata', 'read', 'diagnose', 'access to any repository', true),
  need('actions', 'read', 'diagnose', 'run, job or log: nothing can be diagnosed', true),
  need('contents', 'read', 'diagnose', 'look at the files and changes of a failing commit'),
  need('pull_requests', 'read', 'diagnose', 'link from a commit to its pull requests'),
  need('checks', 'read', 'diagnose', 'look at a job’s annotations'),
  need('actions', 'write', 'act', 'rerun or cancelling of runs'),
  need('checks', 'write', 'act', 'check run with annotations at file and line'),
  need('contents', 'write', 'act', 'branch with a fix, so no fix pull request'),
  need('issues', 'write', 'act', 'issue about a failure'),
  need('pull_requests', 'write', 'act', 'comment on pull requests and no fix pull request'),
];

/** What a webhook is sent for the product to see every failure, every repair and what became of a pull request. */
export const NEEDED_EVENTS: readonly NeededEvent[] = [
  { event: 'workflow_run', isEssential: true, feature: 'news of failed and repaired runs' },
  { event: 'workflow_job', isEssential: true, feature: 'news of a failed job while its run goes on' },
  { event: 'check_run', isEssential: false, feature: 'link from a fork’s commit to its pull request' },
  { event: 'pull_request', isEssential: false, feature: 'news of merged pull requests' },
  { event: 'push', isEssential: false, feature: 'news of commits that may repair a branch' },
];

/** Each permission's highest level for a use, as a manifest asks for it. */
export function permissionsFor(use: AccessUse): Readonly<Record<string, AccessLevel>> {
  const permissions: Record<string, AccessLevel> = {};
  for (const needed of NEEDED_PERMISSIONS) {
    if (needed.use === 'act' && use !== 'act') continue;
    if (permissions[needed.permission] !== 'write') permissions[needed.permission] = needed.level;
  }
  return permissions;
}

function need(
  permission: string,
  level: AccessLevel,
  use: AccessUse,
  feature: string,
  isEssential = false,
): NeededPermission {
  return { permission, level, use, feature, isEssential };
}
