import type { Detector } from './detector.js';

/** git: merges, references, submodules, credentials. */
export const git: Detector = {
  family: 'git',
  rules: [
    {
      id: 'git.conflict',
      near: ['conflict (', 'automatic merge failed', 'could not apply', 'merge conflict'],
      pattern:
        /^(?:error: )?(?<message>CONFLICT \([^)]{1,60}\).*|Automatic merge failed.*|could not apply [0-9a-f]{6,40}.*)/,
      weight: 91,
      category: 'vcs_platform',
      subcategory: 'merge_conflict',
    },
    {
      id: 'git.command-failed',
      near: ['command `git', "command '['git'", "command '['git", 'command: git '],
      pattern:
        /(?<message>.{0,300}(?:Command `git .{1,600}` returned non-zero exit|Command '\['git', .{1,600}\]' (?:returned non-zero exit|timed out)).*)/,
      weight: 92,
      category: 'vcs_platform',
      subcategory: 'git_failed',
      instead: [{ seen: ['git.conflict'], category: 'vcs_platform', subcategory: 'merge_conflict' }],
    },
    {
      id: 'git.submodule',
      near: [
        'no url found for submodule',
        'no submodule mapping found',
        'unable to checkout',
        'direct fetching of that commit failed',
        'clone of',
      ],
      pattern:
        /(?:fatal: )?(?<message>[Nn]o url found for submodule path .*|[Nn]o submodule mapping found .*|Unable to checkout '[0-9a-f]{6,40}' in submodule.*|Fetched in submodule path .{1,200}, but it did not contain .*|clone of '.{1,300}' into submodule path .{1,300} failed)/,
      weight: 94,
      category: 'vcs_platform',
      subcategory: 'submodule',
    },
    {
      id: 'git.missing-ref',
      near: [
        "couldn't find remote ref",
        'not our ref',
        'unknown revision or path',
        'did not match any file',
        'bad revision',
        'reference is not a tree',
        'invalid reference',
        'needed a single revision',
        'no merge base',
        'a branch or tag with the name',
        'bad object',
        'not a valid object name',
        'ambiguous argument',
      ],
      pattern:
        /^(?:fatal|error|Error)?(?:: )?(?:remote error: upload-pack: )?(?<message>(?:couldn't find remote ref|not our ref|ambiguous argument .{1,300}unknown revision|pathspec '.{1,300}' did not match any file|bad revision|reference is not a tree|invalid reference|Needed a single revision|.{0,100}no merge base|A branch or tag with the name .{1,200} could not be found|bad object|[Nn]ot a valid object name).*)/,
      weight: 91,
      category: 'vcs_platform',
      subcategory: 'missing_ref',
    },
    {
      id: 'git.push-rejected',
      near: [
        '[rejected]',
        '[remote rejected]',
        'failed to push some refs',
        'non-fast-forward',
        'protected branch',
        'pre-receive hook declined',
        'updates were rejected',
        'gh006',
        'gh013',
      ],
      pattern:
        /(?<message>^ ! \[(?:remote )?rejected\] .*|failed to push some refs to .*|.{0,200}protected branch hook declined.*|GH0(?:06|13): .*|.{0,100}pre-receive hook declined.*)/,
      weight: 91,
      category: 'vcs_platform',
      subcategory: 'push_rejected',
      context: { before: 3, after: 5 },
    },
    {
      id: 'git.auth',
      near: [
        'could not read username',
        'authentication failed for',
        'permission denied (publickey',
        'could not read from remote repository',
        'host key verification failed',
        'permission to ',
        'write access to repository not granted',
        'invalid username or token',
        'terminal prompts disabled',
        'remote: repository not found',
      ],
      pattern:
        /(?<message>.{0,120}(?:could not read Username for .*|Authentication failed for .*|Permission denied \(publickey.*|Could not read from remote repository.*|Host key verification failed.*|Permission to \S{1,200} denied to .*|Write access to repository not granted.*|Invalid username or (?:token|password).*|remote: Repository not found.*))/,
      weight: 92,
      category: 'auth_permission',
      subcategory: 'git_credentials',
    },
    {
      id: 'git.clone-network',
      near: [
        'fatal: unable to access',
        'rpc failed;',
        'early eof',
        'the remote end hung up',
        'fetch-pack:',
        'unexpected disconnect while reading',
      ],
      pattern:
        /(?<message>(?:fatal: unable to access '.{1,300}': (?!.{0,80}(?:403|401)).*|error: RPC failed;.*|fatal: (?:early EOF|the remote end hung up.*|fetch-pack: .*)|fetch-pack: unexpected disconnect.*))/,
      weight: 90,
      category: 'network',
      subcategory: 'git_transfer',
    },
    {
      id: 'git.clone-denied',
      near: ['fatal: unable to access'],
      pattern: /(?<message>fatal: unable to access '.{1,300}': .{0,80}(?:403|401).*)/,
      weight: 92,
      category: 'auth_permission',
      subcategory: 'git_credentials',
    },
    {
      id: 'git.ownership',
      near: ['dubious ownership', 'not a git repository'],
      pattern:
        /(?<message>(?:fatal: )?(?:detected dubious ownership in repository.*|not a git repository.*))/,
      unless: /^warning/i,
      weight: 88,
      category: 'workflow_config',
      subcategory: 'git_directory',
      suggestion:
        'Check the repository out before this step; in containers: git config --global --add safe.directory "$GITHUB_WORKSPACE".',
    },
    {
      id: 'git.shallow',
      near: ['shallow update not allowed', 'fetch-depth', 'shallow clone'],
      pattern:
        /(?<message>.{0,120}(?:shallow update not allowed|requires? (?:a )?full (?:git )?history|shallow clone detected).*)/i,
      weight: 84,
      category: 'vcs_platform',
      subcategory: 'shallow_clone',
      suggestion: 'Set fetch-depth: 0 on actions/checkout.',
    },
    {
      id: 'git.lfs',
      near: ['git-lfs', 'lfs: ', 'this repository is over its data quota'],
      pattern:
        /(?<message>.{0,200}(?:This repository is over its data quota|Error downloading object: .*|smudge filter lfs failed).*)/,
      weight: 91,
      category: 'vcs_platform',
      subcategory: 'lfs',
    },
    {
      id: 'git.nothing-to-commit',
      near: [
        'nothing to commit',
        'please tell me who you are',
        'author identity unknown',
        'empty ident name',
      ],
      pattern:
        /^(?:\*{3} )?(?<message>nothing to commit, .*|Please tell me who you are.*|Author identity unknown|fatal: empty ident name.*)/,
      weight: 70,
      category: 'workflow_config',
      subcategory: 'git_commit',
    },
    {
      id: 'github.rate-limit',
      near: ['api rate limit exceeded', 'secondary rate limit', 'rate limit exceeded for'],
      pattern:
        /(?<message>.{0,200}(?:API rate limit exceeded|secondary rate limit|rate limit exceeded for).*)/i,
      weight: 94,
      category: 'vcs_platform',
      subcategory: 'api_rate_limit',
      determinism: 'transient',
      fixability: 'rerun',
    },
    {
      id: 'github.pull-request-state',
      tool: 'github',
      near: [
        'is out of sync with',
        'pull request is not mergeable',
        'pull request already exists',
        'base branch was modified',
        'head branch was modified',
        'reference already exists',
        'release already exists',
        'tag already exists',
        'already_exists',
        'tag_name already',
      ],
      pattern:
        /(?<message>.{0,200}(?:is out of sync with the corresponding|Pull [Rr]equest is not mergeable|pull request already exists|(?:Base|Head) branch was modified|Reference already exists|already_exists|fatal: tag '.{1,100}' already exists|[Rr]elease (?:.{1,80} )?already exists).*)/,
      weight: 92,
      category: 'vcs_platform',
      subcategory: 'state',
    },
    {
      id: 'git.fatal',
      near: ['fatal: '],
      pattern: /^(?:Error: )?fatal: (?<message>\S.*)/,
      weight: 75,
      category: 'vcs_platform',
      instead: [{ step: /\b(?:build|test|compile|make|cargo|go |mvn|gradle)\b/i, category: 'build_config' }],
    },
  ],
};
