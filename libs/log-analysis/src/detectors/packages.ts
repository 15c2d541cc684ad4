import type { Detector } from './detector.js';

/** npm has marked its lines with `npm ERR!`, and since version 10.6 with `npm error`. */
const NPM = '^\\s{0,4}npm (?:error|ERR!) ';

/** What an ERESOLVE report names below its first line. */
const PEER_DETAILS = [
  new RegExp(`${NPM}(?<message>Found: \\S.*)`),
  new RegExp(`${NPM}(?<message>(?:peer(?:Optional)?|dev|optional) .{1,200}? from .*)`),
  new RegExp(`${NPM}(?<message>Conflicting peer dependency: \\S.*)`),
];

/** npm and node-gyp: resolution, lock files, registries. */
export const packages: Detector = {
  family: 'packages',
  rules: [
    {
      id: 'npm.peer-conflict',
      near: ['eresolve'],
      pattern: new RegExp(`${NPM}(?<code>ERESOLVE) (?<message>.*)`),
      weight: 87,
      category: 'dependency',
      subcategory: 'peer_conflict',
      context: { before: 1, after: 20 },
      completes: { within: 12, patterns: PEER_DETAILS },
      suggestion:
        'Bring the conflicting packages to versions whose peer ranges meet (see “While resolving”, “Found” and “Could not resolve dependency”) and commit the lock file; `npm install --legacy-peer-deps` hides the conflict.',
    },
    {
      id: 'npm.peer-package',
      near: ['while resolving: '],
      pattern: new RegExp(`${NPM}(?<message>While resolving: \\S.*)`),
      weight: 95,
      category: 'dependency',
      subcategory: 'peer_conflict',
      context: { before: 3, after: 16 },
      completes: { within: 12, patterns: PEER_DETAILS },
      suggestion:
        'Bring the conflicting packages to versions whose peer ranges meet (see “While resolving”, “Found” and “Could not resolve dependency”) and commit the lock file; `npm install --legacy-peer-deps` hides the conflict.',
    },
    {
      id: 'npm.peer-detail',
      near: [' found: ', 'could not resolve dependency', 'conflicting peer dependency'],
      pattern: new RegExp(
        `${NPM}(?<message>(?:Found|Could not resolve dependency|Conflicting peer dependency):.*)`,
      ),
      weight: 86,
      category: 'dependency',
      subcategory: 'peer_conflict',
      context: { before: 0, after: 2 },
    },
    {
      id: 'npm.lock-out-of-sync',
      near: ['package-lock.json', 'lock file'],
      pattern: new RegExp(
        `${NPM}(?<message>\`npm ci\` can only install packages when your package\\.json and package-lock\\.json .*)`,
      ),
      weight: 94,
      category: 'dependency',
      subcategory: 'lockfile_out_of_sync',
      context: { before: 3, after: 12 },
      suggestion: 'Run `npm install` and commit package-lock.json.',
    },
    {
      id: 'npm.lock-missing',
      near: ['can only install with an existing'],
      pattern: new RegExp(`${NPM}(?<message>The \`npm ci\` command can only install with an existing .*)`),
      weight: 94,
      category: 'dependency',
      subcategory: 'lockfile_missing',
      context: { before: 3, after: 6 },
      suggestion:
        'Commit package-lock.json (and copy it into the image before `npm ci`), or install with `npm install`.',
    },
    {
      id: 'npm.lock-entry',
      near: ["lock file's", 'from lock file'],
      pattern: new RegExp(
        `${NPM}(?<message>(?:Invalid: lock file's \\S{1,200} does not satisfy|Missing: \\S{1,200} from lock file).*)`,
      ),
      weight: 91,
      category: 'dependency',
      subcategory: 'lockfile_out_of_sync',
      suggestion: 'Run `npm install` and commit package-lock.json.',
    },
    {
      id: 'npm.no-version',
      near: ['notarget', 'no matching version found'],
      pattern: new RegExp(
        `${NPM}(?:notarget )?(?<message>No matching version found for (?<file>[^\\s]{1,200}).*)`,
      ),
      weight: 95,
      category: 'dependency',
      subcategory: 'version_not_found',
      suggestion: 'Set a version that the registry has: `npm view` lists them.',
    },
    {
      id: 'npm.not-found',
      near: ['npm error 404', 'npm err! 404'],
      pattern: new RegExp(
        `${NPM}404 {1,3}(?<message>(?:Not Found - |'?\\S{1,200}'? is not in |'?\\S{1,200}' is not ).*)`,
      ),
      weight: 94,
      category: 'dependency',
      subcategory: 'package_not_found',
    },
    {
      id: 'npm.integrity',
      near: ['eintegrity', 'integrity checksum failed'],
      pattern:
        /(?:npm (?:error|ERR!) (?:code )?(?<code>EINTEGRITY)|[Ii]ntegrity checksum failed)(?<message>.*)/,
      weight: 93,
      category: 'dependency',
      subcategory: 'integrity',
    },
    {
      id: 'npm.engine',
      near: ['ebadengine', 'ebadplatform', 'unsupported engine', 'unsupported platform'],
      pattern: new RegExp(
        `${NPM}(?:code )?(?:(?<code>EBADENGINE|EBADPLATFORM)|notsup (?<message>Unsupported (?:engine|platform).*))`,
      ),
      weight: 92,
      category: 'dependency',
      subcategory: 'engine',
    },
    {
      id: 'npm.missing-script',
      near: ['missing script: ', 'missing script'],
      pattern: /(?:npm (?:error|ERR!) |ERR_PNPM_NO_SCRIPT\s{1,4})(?<message>[Mm]issing script:? .*)/,
      weight: 94,
      category: 'build_config',
      subcategory: 'missing_script',
      context: { before: 1, after: 6 },
    },
    {
      id: 'npm.package-json',
      near: ['ejsonparse', 'could not read package.json', 'enoent could not read'],
      pattern: new RegExp(
        `${NPM}(?<message>(?:code EJSONPARSE|JSON\\.parse .*|(?:enoent )?Could not read package\\.json.*))`,
      ),
      weight: 92,
      category: 'build_config',
      subcategory: 'package_json',
    },
    {
      id: 'npm.publish-refused',
      near: [
        'you cannot publish over',
        'cannot publish over existing version',
        'you cannot update or delete',
        'must provide a valid tag',
        'private packages',
        'has been marked as private',
      ],
      pattern: new RegExp(
        `${NPM}(?:40[039] )?(?:code )?(?<message>.{0,400}(?:[Cc]annot publish over|cannot update or delete|valid tag|(?:has been marked as|publish) private).*)`,
      ),
      weight: 95,
      category: 'runtime_deploy',
      subcategory: 'publish_refused',
    },
    {
      id: 'npm.auth-message',
      near: [
        'need auth this command',
        '401 unauthorized',
        '403 forbidden',
        'unable to authenticate',
        'incorrect or missing password',
        'you must be logged in',
        'you must sign up',
        'requires a one-time password',
      ],
      pattern: new RegExp(
        `${NPM}(?:need auth |40[13] |code )?(?<message>(?:This command requires you to be logged in|40[13] (?:Unauthorized|Forbidden)|Unable to authenticate|Incorrect or missing password|You must (?:be logged in|sign up)|This operation requires a one-time password).*)`,
      ),
      weight: 93,
      category: 'auth_permission',
      subcategory: 'registry_auth',
    },
    {
      id: 'npm.auth',
      near: [
        'npm error code e401',
        'npm err! code e401',
        'npm error code e403',
        'npm err! code e403',
        'eneedauth',
        'npm error 403',
        'npm err! 403',
        'npm error 401',
        'npm err! 401',
      ],
      pattern: new RegExp(`${NPM}(?:code )?(?<code>E?40[13]|ENEEDAUTH)(?<message>.*)`),
      weight: 92,
      category: 'auth_permission',
      subcategory: 'registry_auth',
    },
    {
      id: 'npm.network',
      near: [
        'npm error code e',
        'npm err! code e',
        'npm error network',
        'npm err! network',
        'enetunreach',
        'npm error code err_socket_timeout',
      ],
      pattern: new RegExp(
        `${NPM}(?:code (?<code>ECONNRESET|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ERR_SOCKET_TIMEOUT|E429|E50[0-4])|network (?<message>(?:request|read|connect|aborted|Socket|getaddrinfo|Client network).*))`,
      ),
      weight: 91,
      category: 'network',
      subcategory: 'registry_unreachable',
    },
    {
      id: 'npm.code',
      near: ['npm error code e', 'npm err! code e'],
      pattern: new RegExp(`${NPM}code (?<code>E(?!LIFECYCLE)[A-Z0-9_]{2,40})`),
      weight: 87,
      category: 'dependency',
      context: { before: 0, after: 8 },
      suggestion: 'Read the lines below the code: they name the package.',
    },
    {
      id: 'npm.line',
      near: ['npm error ', 'npm err! '],
      pattern: new RegExp(`${NPM}(?<message>\\S.*)`),
      unless:
        /A complete log of this run|For a full report|debug-0\.log|\b(?:path|command|errno|syscall|gyp info|Lifecycle|workspace|location|in workspace|at location)\b|_logs/,
      weight: 42,
      category: null,
      context: { before: 0, after: 1 },
    },
    {
      id: 'npm.optional-native',
      near: ['npm has a bug related to optional dependencies'],
      pattern:
        /(?<message>Cannot find module @?\S{1,120}\. npm has a bug related to optional dependencies.*)/,
      weight: 95,
      category: 'dependency',
      subcategory: 'optional_native_missing',
      suggestion:
        'Remove package-lock.json and node_modules, run `npm install` on the platform of the runner, and commit the new lock file.',
    },
    {
      id: 'gyp.error',
      tool: 'node-gyp',
      near: ['gyp err! stack', 'gyp err!'],
      pattern:
        /gyp (?:ERR!|error) (?:stack|find \w{1,20}) (?<message>(?:Error: |Could not |You need to |not ok).*)/,
      weight: 82,
      category: 'dependency',
      subcategory: 'native_module',
      context: { before: 8, after: 4 },
    },
  ],
};
