import type { Detector } from './detector.js';

/** Tools that version, publish and announce: semantic-release, changesets, goreleaser, cargo, gem, twine, fastlane, gh. */
export const releaseTools: Detector = {
  family: 'release-tools',
  rules: [
    {
      id: 'semantic-release.auth',
      near: [
        'eghnopermission',
        'enonpmtoken',
        'einvalidnpmtoken',
        'enoghtoken',
        'einvalidghtoken',
        'egitnopermission',
        'enogltoken',
      ],
      pattern:
        /^.{0,60}?✘ {1,3}(?<code>EGHNOPERMISSION|ENONPMTOKEN|EINVALIDNPMTOKEN|ENOGHTOKEN|EINVALIDGHTOKEN|EGITNOPERMISSION|ENOGLTOKEN) (?<message>.*)/,
      weight: 95,
      category: 'auth_permission',
      subcategory: 'release_token',
    },
    {
      id: 'semantic-release.error',
      near: ['✘ ', '× '],
      and: ['[semantic-release]'],
      pattern: /^.{0,60}?\[semantic-release\].{0,40}? (?:✘|✖|×) {1,3}(?<message>.*)/,
      weight: 84,
      category: 'runtime_deploy',
      subcategory: 'release',
      context: { before: 1, after: 6 },
    },
    {
      id: 'changesets.error',
      near: ['🦋  error'],
      pattern: /^🦋 {1,3}error (?<message>.*)/u,
      weight: 84,
      category: 'runtime_deploy',
      subcategory: 'release',
      instead: [{ seen: ['pull-request.rule'], category: 'quality', subcategory: 'pr_policy_guard' }],
    },
    {
      id: 'goreleaser.failed',
      near: ['⨯ release failed', '⨯ build failed', '⨯ command failed', '⨯ check failed'],
      pattern: /^\s{0,6}⨯ (?<message>(?:release|build|command|check) failed after .*)/,
      weight: 88,
      category: 'runtime_deploy',
      subcategory: 'release',
      context: { before: 4, after: 4 },
      completes: { within: 2, patterns: [/^\s{0,8}error= ?(?<message>.*)/] },
    },
    {
      id: 'cargo.publish',
      near: [
        'failed to publish to registry',
        'already exists on crates',
        'already uploaded',
        'no token found, please run',
      ],
      pattern:
        /^error: (?<message>failed to publish to registry at .*|crate \S{1,200} already exists on .*|no token found, please run `cargo login`.*)/,
      weight: 93,
      category: 'runtime_deploy',
      subcategory: 'publish_refused',
      context: { before: 0, after: 4 },
      completes: {
        within: 5,
        patterns: [
          /^\s{2,6}(?<message>(?:the remote server|failed to get|.{0,40}status code|.{0,40}crate version).*)/,
        ],
      },
      instead: [{ seen: ['cargo.token'], category: 'auth_permission', subcategory: 'registry_auth' }],
    },
    {
      id: 'cargo.token',
      near: ['please run `cargo login`', 'or use environment variable cargo_registry_token'],
      pattern: /(?<message>(?:no token found, )?please run `cargo login`.*)/,
      weight: 60,
      category: 'auth_permission',
      subcategory: 'registry_auth',
    },
    {
      id: 'gem.push',
      near: [
        'repushing of gem versions',
        'you do not have permission to push to this gem',
        'access denied. please sign up for an account',
      ],
      pattern:
        /^(?<message>Repushing of gem versions is not allowed.*|You do not have permission to push to this gem.*)/,
      weight: 92,
      category: 'runtime_deploy',
      subcategory: 'publish_refused',
    },
    {
      id: 'pypi.trusted-publishing',
      near: [
        'trusted publishing exchange failure',
        '`invalid-publisher`',
        '`invalid-pending-publisher`',
        'openid connect token retrieval failed',
      ],
      pattern:
        /^(?:Error: )?(?<message>Trusted publishing exchange failure.*|OpenID Connect token retrieval failed.*|\* `invalid-(?:pending-)?publisher`.*)/,
      weight: 93,
      category: 'auth_permission',
      subcategory: 'registry_auth',
      context: { before: 0, after: 8 },
      completes: { within: 8, patterns: [/^(?:\* )?(?<message>`[a-z]{3,20}-[a-z-]{3,40}`: .*)/] },
    },
    {
      id: 'gh.token-missing',
      near: ['set the gh_token environment variable', 'to get started with github cli', 'gh auth login'],
      pattern:
        /(?<message>To use GitHub CLI in a GitHub Actions workflow, set the GH_TOKEN .*|To get started with GitHub CLI, please run: {1,3}gh auth login.*)/,
      weight: 93,
      category: 'auth_permission',
      subcategory: 'token_missing',
      suggestion: 'Set `GH_TOKEN: ${{ github.token }}` in the env of the step.',
    },
    {
      id: 'gh.http',
      near: ['(http 4', '(http 5', 'http 422', 'http 404', 'http 409', 'http 403'],
      pattern:
        /^(?:gh: (?<message>.{1,400} \(HTTP (?<code>[45]\d\d)\)).*|HTTP (?:4(?:04|09|22)|5\d\d): .{1,300} \(https:\/\/api\.github\.com\/.*)/,
      weight: 90,
      category: 'vcs_platform',
      subcategory: 'api_error',
      context: { before: 1, after: 3 },
      instead: [
        { seen: ['actions.permission'], category: 'auth_permission', subcategory: 'token_permission' },
      ],
      completes: {
        within: 2,
        patterns: [/^(?<message>\w{2,30}\.\w{2,40} (?:already exists|is invalid|.{3,120}))$/],
      },
    },
    {
      id: 'fastlane.error',
      near: ['[!] ', 'fastlane finished with errors'],
      pattern: /^(?:\[\d\d:\d\d:\d\d\]: )?\[!\] (?<message>\S.*)/,
      unless: /CocoaPods|specification for|Podfile/,
      weight: 82,
      category: 'runtime_deploy',
      subcategory: 'fastlane',
      context: { before: 6, after: 2 },
      instead: [{ seen: ['signing.key'], category: 'auth_permission', subcategory: 'signing' }],
    },
    {
      id: 'electron-builder.failed',
      near: ['failedtask='],
      pattern: /^\s{0,4}⨯ (?<message>.{1,1000}?) {1,3}failedTask=(?<code>\w{1,30}).*/,
      weight: 88,
      category: 'build_config',
      subcategory: 'packaging',
    },
    {
      id: 'tauri.failed',
      near: [
        'failed to get cargo metadata',
        'failed to bundle project',
        'error failed to build app',
        'beforebuildcommand',
      ],
      pattern:
        /^\s{0,8}(?:Error )?(?<message>failed to (?:get cargo metadata|bundle project).*|`?beforeBuildCommand`? .*failed.*|beforeBuildCommand .*)/,
      weight: 86,
      category: 'build_config',
      subcategory: 'packaging',
    },
    {
      id: 'expo.login',
      near: ['an expo user account is required', 'expo_token'],
      pattern: /(?<message>An Expo user account is required to proceed.*)/,
      weight: 93,
      category: 'auth_permission',
      subcategory: 'credentials',
    },
  ],
};
