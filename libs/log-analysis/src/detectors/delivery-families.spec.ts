import { describe, expect, it } from 'vitest';
import { markedLine, readFirst } from '../../../../test/support/detector-samples.js';
import { analyzeLog } from '../analyze-log.js';

/** A category, and a made-up log of it whose decisive line begins with `> `. */
type Sample = readonly [category: string, ...lines: string[]];

const releases: readonly Sample[] = [
  ['auth_permission', '> [10:00:00 AM] [semantic-release] › ✘  ENONPMTOKEN No npm token specified.'],
  ['quality', '> 🦋  error Some packages have been changed but no changesets were found.'],
  ['runtime_deploy', '>   ⨯ release failed after 12s', '  error=git is in a dirty state'],
  [
    'runtime_deploy',
    '> error: failed to publish to registry at https://crates.example',
    '',
    'Caused by:',
    '  the remote server responded with an error (status 400 Bad Request)',
  ],
  ['runtime_deploy', '> Repushing of gem versions is not allowed.'],
  [
    'runtime_deploy',
    'npm error code E403',
    '> npm error 403 403 Forbidden - PUT https://registry.example/cart - You cannot publish over the previously published versions: 1.2.3.',
  ],
  [
    'auth_permission',
    'npm error code ENEEDAUTH',
    '> npm error need auth This command requires you to be logged in to https://registry.example/',
  ],
  [
    'auth_permission',
    '> Trusted publishing exchange failure:',
    '* `invalid-publisher`: valid token, but no corresponding publisher',
  ],
  [
    'auth_permission',
    '> gh: To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN environment variable.',
  ],
  ['vcs_platform', '> HTTP 422: Validation Failed (https://api.github.com/repos/acme/cart/releases)'],
  ['build_config', '>   ⨯ Cannot find package.json in /src/app  failedTask=build stackTrace=Error: x'],
  ['auth_permission', '> An Expo user account is required to proceed.'],
];

const deployments: readonly Sample[] = [
  [
    'runtime_deploy',
    '> fatal: [web1]: FAILED! => {"changed": false, "msg": "No package matching \'cart\' is available"}',
  ],
  ['auth_permission', '> Error: No existing credentials found. Please run `vercel login` or pass "--token"'],
  [
    'auth_permission',
    "> ✘ [ERROR] In a non-interactive environment, it's necessary to set a CLOUDFLARE_API_TOKEN environment variable.",
  ],
  ['build_config', '> ✘ [ERROR] Missing entry-point: The entry-point should be specified.'],
  [
    'runtime_deploy',
    "> ERROR: (gcloud.run.deploy) Revision 'cart-00012-abc' is not ready and cannot serve traffic.",
  ],
  [
    'runtime_deploy',
    '> ❌  CartStack failed: the stack named CartStack failed to deploy: UPDATE_ROLLBACK_COMPLETE',
  ],
  ['runtime_deploy', '✖ Error:', '> CREATE_FAILED: CartFunction (AWS::Lambda::Function)'],
  ['workflow_config', '> Get Pages site failed. Please verify that the repository has Pages enabled.'],
  ['network', '> ssh: connect to host cart.example port 22: Connection timed out'],
  ['runtime_deploy', '> rsync error: unexplained error (code 255) at io.c(232) [sender=3.2.7]'],
  ['runtime_deploy', '> wait-for-it.sh: timeout occurred after waiting 15 seconds for localhost:5432'],
  ['runtime_deploy', '> Health check FAILED: https://cart.example/healthz never returned 200'],
  ['build_config', '> exec /bin/sh: exec format error'],
];

const clusters: readonly Sample[] = [
  [
    'runtime_deploy',
    '> The connection to the server localhost:8080 was refused - did you specify the right host or port?',
  ],
  ['runtime_deploy', '> ERROR: failed to create cluster: failed to init node with kubeadm'],
  [
    'build_config',
    '> Error: template: cart/templates/deployment.yaml:12:20: executing at <.Values.total>: nil pointer',
  ],
  ['quality', '> Error: failed linting charts: failed processing charts'],
  ['auth_permission', '> │ Error: No valid credential sources found'],
  [
    'dependency',
    '│ Error: Failed to query available provider packages',
    '│ ',
    '> │ provider registry registry.terraform.io does not have a provider named',
    '│ registry.terraform.io/acme/cart',
  ],
  [
    'auth_permission',
    "> E0315 memcache.go:265] couldn't get current server API group list: the server has asked for the client to provide credentials",
  ],
  [
    'resource_limit',
    '> Failed to CreateArtifact: Artifact storage quota has been hit. Unable to upload any new artifacts.',
  ],
  [
    'workflow_config',
    '> Failed to CreateArtifact: (409) Conflict: an artifact with this name already exists on the workflow run',
  ],
  ['workflow_config', '> /usr/bin/sh: 1: set: Illegal option -o pipefail'],
  ['workflow_config', '> Error: CART_URL is not set'],
  ['workflow_config', '> jq: parse error: Invalid numeric literal at line 1, column 10'],
  ['workflow_config', '> x.py: error: unrecognized arguments: --total'],
  ['workflow_config', '> Error: unknown flag: --total'],
  ['dependency', "> Command 'dotnet' not found, but can be installed with:", 'sudo apt install dotnet-host'],
  ['auth_permission', "> Error: EACCES: permission denied, mkdir '/opt/cart'"],
  [
    'resource_limit',
    'error: linking with `cc` failed: exit status: 1',
    '>   = note: collect2: fatal error: ld terminated with signal 9 [Killed]',
  ],
  ['runner_infra', '> The job was not started because recent account payments have failed.'],
  ['dependency', "> name unknown: The repository with name 'cart' does not exist in the registry"],
];

const databases: readonly Sample[] = [
  [
    'build_config',
    '> Error: Prisma schema validation - (get-config wasm)',
    'Error code: P1012',
    'error: Environment variable not found: CART_URL.',
  ],
  ['runtime_deploy', "> Error: P1001: Can't reach database server at `localhost:5432`"],
  ['build_config', "> FAILED: Multiple head revisions are present for given argument 'head'"],
  [
    'quality',
    "> Migrations for 'cart':",
    '  cart/migrations/0002_total.py',
    '    ~ Alter field total on cart',
  ],
  ['runtime_deploy', '>   SQLSTATE[HY000] [2002] Access denied (Connection: mysql, SQL: select 1)'],
  [
    'test_failure',
    '> 10:00:00  Failure in test not_null_cart_id (models/cart.yml)',
    '10:00:00    Got 3 results, configured to fail if != 0',
  ],
];

describe.each([
  ['releases and publishing', releases],
  ['deployments', deployments],
  ['clusters and infrastructure', clusters],
  ['databases', databases],
] as const)('%s', (_, samples) => {
  it.each(samples)('is %s: %s', async (category, ...lines) => {
    expect(await readFirst(lines)).toEqual({ line: markedLine(lines), category });
  });
});

describe('a healthy log', () => {
  it.each([
    'deployment "cart" successfully rolled out',
    'web1 : ok=2    changed=0    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0',
    'Plan: 1 to add, 0 to change, 0 to destroy.',
    'CART_URL is not set, using the default',
    'coverage: 81.2% of statements',
    'Unknown options are ignored',
    'No migrations to apply.',
    'Health check passed',
  ])('is not called failed for “%s”', async (line) => {
    expect((await analyzeLog(`starting\n${line}\ndone\n`)).failed).toBe(false);
  });
});
