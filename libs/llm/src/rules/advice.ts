import type { FailureCategory, Severity } from '@app/domain';

interface Advice {
  readonly severity: Severity;
  /** What keeps such failures from CI, as far as that can be said without knowing the repository. */
  readonly prevention: string | null;
}

/** What can be said of a category alone. */
export const ADVICE_OF: Readonly<Record<FailureCategory, Advice>> = {
  test_failure: { severity: 'medium', prevention: 'Run the affected tests before pushing.' },
  compile_error: { severity: 'medium', prevention: 'Compile or type-check before pushing.' },
  dependency: { severity: 'medium', prevention: 'Commit the lock file, and let CI install from it alone.' },
  build_config: {
    severity: 'medium',
    prevention: "Pin the build tool's version, and check changes of its configuration in a pull request.",
  },
  workflow_config: { severity: 'medium', prevention: 'Check workflow files with actionlint before pushing.' },
  quality: { severity: 'low', prevention: 'Run the linter and the formatter before pushing.' },
  network: {
    severity: 'low',
    prevention: 'Cache downloads between runs, and let the step that downloads try again.',
  },
  auth_permission: {
    severity: 'high',
    prevention: 'Watch when credentials expire, and give the job the least permissions it needs.',
  },
  resource_limit: {
    severity: 'medium',
    prevention: 'Watch what the job uses, and clean up or choose a larger runner before the limit.',
  },
  timeout_cancelled: {
    severity: 'medium',
    prevention: 'Watch how long the job takes against its time limit.',
  },
  vcs_platform: { severity: 'medium', prevention: null },
  runner_infra: { severity: 'medium', prevention: "Pin the runner's image." },
  runtime_deploy: {
    severity: 'high',
    prevention: 'Check that the service is healthy before the next step uses it.',
  },
  unknown: { severity: 'medium', prevention: null },
};
