import type { Detector } from './detector.js';

/** Workflows, their scripts and actions: references, inputs, caches, artifacts, cancellation, shell mistakes. */
export const githubActions: Detector = {
  family: 'github-actions',
  rules: [
    {
      id: 'actions.unresolvable',
      near: [
        'unable to resolve action',
        "can't find 'action.yml'",
        'is not pinned to',
        'uses a deprecated version of',
        'has been automatically failed because',
      ],
      pattern:
        /(?<message>Unable to resolve action .*|Can't find 'action\.yml'.*|This request has been automatically failed because it uses a deprecated version of .*|is not pinned to a full-length commit SHA.*)/,
      weight: 95,
      category: 'workflow_config',
      subcategory: 'action_not_found',
    },
    {
      id: 'actions.archive',
      near: ['failed to download archive', 'failed to download action', "can't use 'tar -xzf'"],
      pattern: /(?<message>Failed to download (?:archive|action) .*)/,
      weight: 93,
      category: 'network',
      subcategory: 'action_download_failed',
    },
    {
      id: 'actions.invalid-workflow',
      near: [
        'invalid workflow file',
        'unexpected value',
        'error in your yaml',
        'the template is not valid',
        'unrecognized named-value',
        'unexpected symbol',
        'workflow is not valid',
        'error when evaluating',
      ],
      pattern:
        /(?<message>Invalid workflow file.*|You have an error in your yaml syntax.*|The template is not valid.*|Unrecognized named-value: .*|The workflow is not valid.*|Error when evaluating '.{1,60}'.*)/i,
      weight: 95,
      category: 'workflow_config',
      subcategory: 'workflow_syntax',
    },
    {
      id: 'actions.input',
      near: [
        'input required and not supplied',
        'unexpected input',
        'is not a valid input',
        'parameter required',
        'required input',
      ],
      pattern:
        /(?<message>Input required and not supplied: (?<code>[\w-]{1,80}).*|[Rr]equired input .{1,80}(?:missing|not (?:set|provided|supplied)).*)/,
      weight: 94,
      category: 'workflow_config',
      subcategory: 'input_missing',
      instead: [
        {
          step: /login|credential|auth|token|deploy/i,
          category: 'auth_permission',
          subcategory: 'secret_missing',
        },
      ],
      suggestion:
        'Give the input `$<code>`; when it comes from a secret, check that the secret exists for this event (forks get none).',
    },
    {
      id: 'actions.cache-path',
      near: [
        'unable to cache dependencies',
        'dependencies lock file is not found',
        'no file in ',
        'lock file is not found',
      ],
      pattern:
        /(?<message>Some specified paths were not resolved, unable to cache dependencies.*|Dependencies lock file is not found in .*|No file in .{1,300} matched to \[.*)/,
      weight: 94,
      category: 'workflow_config',
      subcategory: 'cache_path_missing',
      suggestion: 'Point cache-dependency-path at an existing lock file, or remove the cache input.',
    },
    {
      id: 'actions.artifact',
      near: [
        'no files were found with the provided path',
        'unable to find any artifacts',
        'artifact not found',
        'unable to download artifact',
        'found no matching files',
        'no report files',
      ],
      pattern:
        /(?<message>No files were found with the provided path.*|Unable to find any artifacts.*|Artifact not found for name.*|Unable to download artifact.*|found no matching files.*)/,
      weight: 91,
      category: 'workflow_config',
      subcategory: 'artifact_missing',
    },
    {
      id: 'actions.working-directory',
      near: ['no such file or directory', 'error: an error occurred trying to start process'],
      pattern:
        /(?<message>An error occurred trying to start process .{1,300} with working directory .{1,300}No such file or directory.*)/,
      weight: 94,
      category: 'workflow_config',
      subcategory: 'working_directory',
    },
    {
      id: 'actions.version-not-found',
      near: [
        'unable to find ',
        'the version ',
        'was not found in the local cache',
        'could not find satisfied version',
        'could not find matching version',
      ],
      pattern:
        /^(?:Error: )?(?<message>Unable to find (?:Node version|.{1,60} version) .*|The version '.{1,60}' with architecture '.{1,20}' was not found.*|Could not find (?:satisfied|matching) version for .*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'tool_version',
    },
    {
      id: 'actions.permission',
      near: [
        'resource not accessible by',
        'must have admin rights',
        'github_token',
        'is not permitted to create',
        'not permitted to create or approve',
        'unable to get actions_id_token',
      ],
      pattern:
        /^(?<message>.{0,1500}?(?:Resource not accessible by (?:integration|personal access token).*|Must have admin rights.*|is not permitted to create or approve pull requests.*|Unable to get ACTIONS_ID_TOKEN_REQUEST_URL.*))/,
      unless: /^\s{0,4}\{/,
      weight: 94,
      category: 'auth_permission',
      subcategory: 'token_permission',
      suggestion:
        'Grant the job the permission it needs (`permissions:` in the workflow); runs of forks have a read-only token.',
    },
    {
      id: 'actions.permission-response',
      near: ['resource not accessible by'],
      pattern:
        /^\s{0,4}\{.{0,40}(?<message>Resource not accessible by (?:integration|personal access token).*)/,
      weight: 88,
      category: 'auth_permission',
      subcategory: 'token_permission',
    },
    {
      id: 'actions.canceled',
      near: [
        'the operation was canceled',
        'the operation was cancelled',
        'the run was canceled by',
        'canceling since a higher priority',
      ],
      pattern:
        /^(?:Error: )?(?<message>The operation was cancell?ed\.?|The run was canceled by .*|Canceling since a higher priority .*)/,
      weight: 66,
      category: 'timeout_cancelled',
      subcategory: 'job_cancelled',
      context: { before: 8, after: 1 },
    },
    {
      id: 'actions.timeout',
      near: ['has exceeded the maximum execution time', 'has timed out after'],
      pattern:
        /^(?<message>.{0,1500}?(?:has exceeded the maximum execution time|has timed out after \d{1,6} minutes).*)/,
      weight: 80,
      category: 'timeout_cancelled',
      subcategory: 'job_timeout',
      context: { before: 8, after: 2 },
    },
    {
      id: 'taskcluster.timeout',
      near: ['max run time exceeded', 'task aborted', 'task timeout after'],
      pattern:
        /(?<message>Task aborted - max run time exceeded|Task timeout after \d{1,8} seconds.*|Aborting task.{0,40}max run ?time.*)/i,
      weight: 96,
      category: 'timeout_cancelled',
      subcategory: 'job_timeout',
    },
    {
      id: 'travis.stalled',
      near: [
        'no output has been received in the last',
        'the job exceeded the maximum time limit',
        'the build has been terminated',
      ],
      pattern:
        /(?<message>No output has been received in the last .*|The job exceeded the maximum time limit.*|The build has been terminated.*)/,
      weight: 78,
      category: 'timeout_cancelled',
      subcategory: 'no_output_timeout',
      context: { before: 6, after: 2 },
    },
    {
      id: 'gitlab.timeout',
      near: ['execution took longer than', 'job execution timeout'],
      pattern: /(?<message>ERROR: Job failed: execution took longer than .*|.{0,60}job execution timeout.*)/,
      weight: 80,
      category: 'timeout_cancelled',
      subcategory: 'job_timeout',
    },
    {
      id: 'shell.syntax',
      near: [
        'syntax error near unexpected',
        'syntax error: ',
        'unexpected end of file',
        'unexpected eof while looking',
        'bad substitution',
        'unbound variable',
        'parameter null or not set',
        'unary operator expected',
        'integer expression expected',
        'is an invalid environment',
        'conditional binary operator',
      ],
      pattern:
        /^(?:\S{1,300}: )(?:(?:line )?\d{1,6}: )?(?<message>(?:[sS]yntax error.*|unexpected (?:end of file|EOF while looking).*|\S{0,80} ?[bB]ad substitution.*|\S{1,80}: (?:unbound variable|parameter null or not set).*|.{0,60}conditional binary operator expected.*))/,
      weight: 93,
      category: 'workflow_config',
      subcategory: 'script_syntax_error',
    },
    {
      id: 'shell.missing-script',
      tool: 'shell',
      near: [
        'no such file or directory',
        'cannot access',
        'cannot stat',
        "can't cd to",
        'cannot open',
        'not a directory',
        "can't open",
        'permission denied',
      ],
      pattern:
        /^(?:\/\S{1,300}|[\w.-]{1,40}): (?:(?:line )?\d{1,6}: )?(?<message>(?:cd: )?(?:cannot (?:access|stat|open|create regular file|touch|remove) )?['‘"]?(?<file>[^'’"\s:][^'’":]{0,300})['’"]?: (?:No such file or directory|Permission denied|Not a directory)|can't (?:cd to|open) .*)/,
      unless:
        /^(?:error|fatal|warning|gcc|g\+\+|clang|ld|make|gmake|Error|E|git|curl|curl.*): |: fatal error:|cannot open shared object/,
      weight: 89,
      category: 'workflow_config',
      subcategory: 'missing_script',
    },
    {
      id: 'powershell.path',
      near: [
        'either does not exist or is not a valid file system path',
        'cannot find path',
        'cannot find drive',
        'parameternotfound',
        'a parameter cannot be found',
        'parsererror',
        'the term ',
      ],
      pattern:
        /(?<message>The path '.{1,300}' either does not exist or is not a valid file system path.*|Cannot find (?:path|drive).*|A parameter cannot be found that matches .*|ParserError: .*)/,
      weight: 92,
      category: 'workflow_config',
      subcategory: 'artifact_path_missing',
      context: { before: 5, after: 2 },
    },
    {
      id: 'powershell.command',
      tool: 'powershell',
      near: ['is not recognized as a name of a cmdlet', 'is not recognized as the name of a cmdlet'],
      pattern: /(?<message>[Tt]he term '(?<code>[^']{1,200})' is not recognized as .*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'tool_not_installed',
    },
    {
      id: 'actions.env-missing',
      tool: 'workflow',
      near: ['environment variable', 'env var', 'missing required'],
      pattern:
        /^(?<message>.{0,1500}?(?:[Mm]issing(?: required)? (?:environment variables?|env vars?)|[Ee]nvironment variables? .{1,80} (?:(?:is|are) (?:not set|missing|required|undefined)|not (?:set|found|defined))).*)/,
      unless: /^\s{0,8}(?:warn|info|debug)/i,
      weight: 86,
      category: 'workflow_config',
      subcategory: 'environment_missing',
    },
  ],
};
