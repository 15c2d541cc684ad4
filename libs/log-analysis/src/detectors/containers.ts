import type { Detector } from './detector.js';

/** Docker, BuildKit, compose, registries. */
export const containers: Detector = {
  family: 'containers',
  rules: [
    {
      id: 'docker.manifest-unknown',
      near: [
        'manifest unknown',
        'manifest for ',
        'no matching manifest',
        'pull access denied',
        ': not found',
        'repository does not exist',
      ],
      pattern:
        /(?<message>(?:Error response from daemon: |ERROR: |error: )?(?:manifest for (?<file>\S{1,300}) not found.*|no matching manifest for .*|pull access denied for .*|failed to resolve source metadata for .{1,300}: not found.*|manifest unknown.*))/,
      unless: /importer|cache manifest/,
      weight: 93,
      category: 'dependency',
      subcategory: 'image_not_found',
    },
    {
      id: 'docker.name-unknown',
      near: ['name unknown: ', 'name_unknown'],
      pattern: /(?<message>name unknown: .*|NAME_UNKNOWN: .*)/,
      weight: 93,
      category: 'dependency',
      subcategory: 'image_not_found',
      instead: [{ step: /\bpush\b/i, category: 'runtime_deploy', subcategory: 'repository_missing' }],
    },
    {
      id: 'docker.denied',
      near: [
        'denied: ',
        'unauthorized: ',
        'no basic auth credentials',
        'insufficient_scope',
        'failed to authorize',
        'failed to fetch oauth token',
      ],
      pattern:
        /(?<message>(?:error from registry: |ERROR: )?(?:denied: .*|unauthorized: .*|no basic auth credentials.*|insufficient_scope.*|failed to fetch oauth token.*))/,
      unless: /pull access denied/,
      weight: 93,
      category: 'auth_permission',
      subcategory: 'registry_push_denied',
      context: { before: 3, after: 2 },
    },
    {
      id: 'docker.login',
      near: ['username and password required', 'error response from daemon: get "https'],
      pattern:
        /(?<message>Username and password required|Error response from daemon: Get "https?:\/\/[^"]{1,300}": (?:unauthorized|denied).*)/,
      weight: 94,
      category: 'auth_permission',
      subcategory: 'registry_login',
    },
    {
      id: 'docker.unhealthy',
      near: ['is unhealthy', 'dependency failed to start', 'service container', 'failed to initialize, '],
      pattern:
        /(?<message>dependency failed to start: .*|[Cc]ontainer (?<file>[\w.-]{1,120}) is unhealthy.*|Failed to initialize container .*|Service container .{1,120} failed.*|One or more containers failed to start.*)/,
      weight: 92,
      category: 'runtime_deploy',
      subcategory: 'container_unhealthy',
      context: { before: 4, after: 4 },
    },
    {
      id: 'docker.container-exited',
      near: [' exited (', 'exited with code'],
      pattern:
        /(?<message>container (?<file>[\w.-]{1,120}) exited \([1-9]\d{0,2}\).*|^(?<code>[\w.-]{1,80}) exited with code [1-9]\d{0,2}$)/,
      weight: 70,
      category: 'runtime_deploy',
      subcategory: 'container_exited',
    },
    {
      id: 'docker.no-compose-file',
      near: [
        'no configuration file provided',
        'no such service',
        'additional property',
        'compose file',
        'service "',
        'undefined network',
        'undefined volume',
      ],
      pattern:
        /(?<message>no configuration file provided: not found|no such service: .*|[Aa]dditional propert(?:y|ies) .{1,80} (?:is|are) not allowed.*|service ".{1,80}" (?:refers to undefined|depends on undefined|has neither an image).*|open .{1,300}(?:compose|docker-compose)[\w.-]{0,60}\.ya?ml: no such file.*)/,
      weight: 93,
      category: 'workflow_config',
      subcategory: 'compose_file',
    },
    {
      id: 'docker.env-file',
      near: ['env file '],
      pattern: /(?<message>env file .{1,300} not found.*)/,
      weight: 93,
      category: 'workflow_config',
      subcategory: 'env_file_missing',
    },
    {
      id: 'docker.copy-missing',
      near: [
        'failed to calculate checksum',
        'failed to compute cache key',
        'copy failed: ',
        'no source files were specified',
      ],
      pattern:
        /^(?<message>.{0,1500}?(?:failed to (?:calculate checksum|compute cache key).{0,300}: (?<file>".{1,300}"|\S{1,300}): not found|COPY failed: .*|no source files were specified).*)/,
      weight: 93,
      category: 'build_config',
      subcategory: 'dockerfile_copy',
    },
    {
      id: 'docker.dockerfile',
      near: [
        'dockerfile parse error',
        'failed to read dockerfile',
        'unable to prepare context',
        'unknown instruction',
        'target stage',
        'unable to evaluate symlinks in dockerfile',
        'lstat ',
      ],
      pattern:
        /^(?<message>.{0,1500}?(?:[Dd]ockerfile parse error.*|failed to read dockerfile.*|unable to prepare context: .*|unknown instruction: .*|target stage "?.{1,80}"? could not be found.*))/,
      weight: 93,
      category: 'build_config',
      subcategory: 'dockerfile',
    },
    {
      id: 'docker.port',
      near: [
        'port is already allocated',
        'address already in use',
        'name is already in use',
        'is already in use by container',
      ],
      pattern:
        /^(?<message>.{0,1500}?(?:port is already allocated|[Aa]ddress already in use|is already in use by container).*)/,
      weight: 85,
      category: 'runtime_deploy',
      subcategory: 'port_in_use',
      instead: [{ step: /\b(?:e2e|tests?|spec|pytest|jest|vitest)\b/i, category: 'test_failure' }],
    },
    {
      id: 'docker.run-failed',
      near: ['did not complete successfully'],
      pattern:
        /^(?<message>.{0,1500}?process "(?<file>.{1,600})" did not complete successfully: exit code: (?<code>[1-9]\d{0,2}).*)/,
      weight: 36,
      category: null,
      context: { before: 6, after: 2 },
    },
    {
      id: 'docker.daemon',
      near: [
        'cannot connect to the docker daemon',
        'docker daemon is not running',
        'failed to connect to the docker api',
      ],
      pattern:
        /^(?<message>.{0,1500}?(?:Cannot connect to the Docker daemon|docker daemon is not running|failed to connect to the docker API).*)/,
      weight: 90,
      category: 'runner_infra',
      subcategory: 'docker_daemon',
    },
    {
      id: 'docker.error-response',
      near: ['error response from daemon'],
      pattern: /Error response from daemon: (?<message>.*)/,
      weight: 82,
      category: 'runtime_deploy',
      instead: [{ step: /\b(?:build|pull|setup|initialize)\b/i, category: 'dependency' }],
    },
    {
      id: 'docker.build-error',
      near: ['error: failed to solve', 'error: failed to build', 'buildx failed with'],
      pattern:
        /(?:ERROR|error): (?:failed to (?:build|solve)(?:: failed to solve)?|buildx failed with): (?<message>(?!.{0,40}process ").*)/,
      weight: 44,
      category: null,
      context: { before: 8, after: 1 },
    },
    {
      id: 'docker.step-error',
      near: ['error: '],
      pattern: /^ERROR: (?<message>failed to .*)/,
      unless: /importer|cache|did not complete successfully/,
      weight: 46,
      category: null,
    },
  ],
};
