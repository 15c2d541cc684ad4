/** The failure categories, as a closed vocabulary. `unknown` is a failed job whose cause was not recognised. */
export const FAILURE_CATEGORIES = [
  'test_failure',
  'compile_error',
  'dependency',
  'build_config',
  'workflow_config',
  'quality',
  'network',
  'auth_permission',
  'resource_limit',
  'timeout_cancelled',
  'vcs_platform',
  'runner_infra',
  'runtime_deploy',
  'unknown',
] as const;
export type FailureCategory = (typeof FAILURE_CATEGORIES)[number];

/** Whether the same commit would fail again. `flaky` is said only with evidence from the run history. */
export const DETERMINISMS = ['deterministic', 'transient', 'flaky', 'unknown'] as const;
export type Determinism = (typeof DETERMINISMS)[number];

/** Where the cause lies: in the change under test, in the base branch, outside the repository. */
export const ATTRIBUTIONS = ['change', 'base', 'external', 'unknown'] as const;
export type Attribution = (typeof ATTRIBUTIONS)[number];

/** What kind of act mends it. */
export const FIXABILITIES = ['rerun', 'config_patch', 'code_patch', 'human'] as const;
export type Fixability = (typeof FIXABILITIES)[number];

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];
