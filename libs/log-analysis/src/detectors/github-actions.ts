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
      id: 'actions.artifact-conflict',
      near: ['an artifact with this name already exists'],
      pattern: /^(?:Error: )?(?<message>.{0,200}an artifact with this name already exists.*)/,
      weight: 93,
      category: 'workflow_config',
      subcategory: 'artifact_conflict',
      suggestion: 'Give each job of the matrix its own artifact name, or set `overwrite: true`.',
    },
    {
      id: 'actions.artifact-quota',
      near: ['artifact storage quota has been hit'],
      pattern: /^(?:Error: )?(?<message>.{0,200}Artifact storage quota has been hit.*)/,
      weight: 95,
      category: 'resource_limit',
      subcategory: 'artifact_quota',
    },
    {
      id: 'actions.file-command',
      near: ['unable to process file command', "invalid format '", 'matching delimiter not found'],
      pattern:
        /^(?:Error: )?(?<message>Unable to process file command '\w{1,20}' successfully\.|Invalid format '.*|.{0,60}[Mm]atching delimiter not found.*)/,
      annotated: true,
      weight: 93,
      category: 'workflow_config',
      subcategory: 'file_command',
      context: { before: 2, after: 2 },
      completes: { within: 1, patterns: [/^(?<message>Invalid format '.*|.{0,60}[Mm]atching delimiter.*)/] },
      suggestion: 'Write values of several lines to the file with a delimiter (`name<<EOF`).',
    },
    {
      id: 'actions.input-invalid',
      near: [
        'need to provide at least one',
        'must provide ',
        'is required when',
        'is not supported for input',
        'invalid input',
        'unexpected input',
      ],
      pattern:
        /^(?:Error: )?(?<message>(?:Need to provide at least one|(?:You )?[Mm]ust provide |[Ii]nvalid input |Input .{1,80} (?:is required|is invalid|must be)).*)/,
      annotated: true,
      weight: 84,
      category: 'workflow_config',
      subcategory: 'input_invalid',
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
  ],
};
