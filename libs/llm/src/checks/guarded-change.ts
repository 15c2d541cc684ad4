import type { CodeEdit, ConfigurationChange, FailureContext } from '@app/domain';

/** Files that decide what CI, or a package's installation, may do: whoever changes them changes the rules. */
const GUARDED =
  /(?:^|\/)(?:\.github\/|\.gitlab-ci|\.circleci\/|\.buildkite\/|\.husky\/|\.git|azure-pipelines|bitbucket-pipelines|Jenkinsfile|CODEOWNERS|\.npmrc|\.yarnrc|\.pypirc|pip\.conf|\.docker\/)/i;
/** What gives away rights or secrets, loads code from elsewhere, or switches a check off. */
const WEAKENS =
  /\bpermissions\s*[:=]?\s*["']?(?:write-all|[\w-]+:\s*write)|\b(?:contents|packages|actions|id-token|pull-requests|deployments|security-events)\s*:\s*write\b|\bwrite-all\b|\bpull_request_target\b|\bsecrets\.|\b(?:curl|wget|Invoke-WebRequest|iex)\b|\bbase64\s+(?:-d|--decode)|\beval\b|--no-verify|\bcontinue-on-error\s*:\s*true|\|\|\s*true\b|\bpersist-credentials\s*:\s*true|\b(?:branch[ _-]?protection|required[ _-]?(?:reviews?|checks?))\b/i;

/** Whether an edit keeps clear of what only a person may change. */
export function isUnguardedEdit(edit: CodeEdit, context: FailureContext): boolean {
  const adds = edit.replace.split('\n').filter((line) => !edit.search.includes(line.trim()));
  return mayTouch(edit.path, context) && !WEAKENS.test(adds.join('\n'));
}

/**
 * The same for a setting. One outside the repository is a word to people, and still one that a log could have put
 * there: a tool's own message has to name it.
 */
export function isUnguardedSetting(change: ConfigurationChange, context: FailureContext): boolean {
  const { file, setting, value } = change;
  if (WEAKENS.test(`${setting}: ${value}`)) return false;
  if (file !== null) return mayTouch(file, context);
  const names = setting.match(/[\w.-]{4,}/g) ?? [];
  return names.some((name) => context.findings.some(({ message }) => message.includes(name)));
}

function mayTouch(path: string, { ruleVerdict }: FailureContext): boolean {
  if (!GUARDED.test(path)) return true;
  return ruleVerdict.category === 'workflow_config' || ruleVerdict.category === 'build_config';
}
