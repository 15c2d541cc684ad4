import type { FailureContext, Finding } from '@app/domain';

/**
 * What a model may propose to run: programs of ordinary development, with the first words that only read, build, test
 * or install what the repository names. `null`: any. Everything else stays words in the steps.
 */
const PROGRAMS: Readonly<Record<string, readonly string[] | null>> = {
  npm: [
    'ci',
    'install',
    'i',
    'run',
    'test',
    't',
    'audit',
    'dedupe',
    'ls',
    'outdated',
    'why',
    'update',
    'rebuild',
  ],
  pnpm: ['install', 'i', 'add', 'run', 'test', 'audit', 'dedupe', 'ls', 'why', 'update', 'rebuild'],
  yarn: ['install', 'add', 'run', 'test', 'audit', 'dedupe', 'why', 'up', 'upgrade'],
  bun: ['install', 'add', 'run', 'test', 'update'],
  npx: null,
  tsc: null,
  eslint: null,
  prettier: null,
  vitest: null,
  jest: null,
  pip: ['install', 'check', 'freeze', 'list', 'show'],
  pip3: ['install', 'check', 'freeze', 'list', 'show'],
  poetry: ['install', 'lock', 'update', 'add', 'check', 'show', 'run'],
  uv: ['sync', 'lock', 'add', 'run', 'pip', 'tree'],
  pipenv: ['install', 'lock', 'sync', 'update', 'check'],
  pytest: null,
  tox: null,
  nox: null,
  ruff: ['check', 'format'],
  black: null,
  isort: null,
  flake8: null,
  mypy: null,
  pyright: null,
  pylint: null,
  'pre-commit': ['run', 'autoupdate'],
  go: ['build', 'test', 'vet', 'fmt', 'mod', 'get', 'generate', 'list', 'work'],
  gofmt: null,
  'golangci-lint': ['run'],
  cargo: ['build', 'test', 'check', 'clippy', 'fmt', 'update', 'add', 'tree', 'fix', 'doc'],
  rustfmt: null,
  rustup: ['update', 'show', 'component', 'target', 'toolchain'],
  mvn: null,
  './mvnw': null,
  gradle: null,
  './gradlew': null,
  sbt: null,
  dotnet: ['build', 'test', 'restore', 'format', 'add', 'list', 'clean', 'publish'],
  composer: ['install', 'update', 'require', 'validate', 'dump-autoload', 'audit'],
  phpunit: null,
  phpstan: null,
  bundle: ['install', 'update', 'exec', 'lock', 'check', 'add'],
  rake: null,
  rspec: null,
  rubocop: null,
  swift: ['build', 'test', 'package'],
  xcodebuild: null,
  flutter: ['pub', 'test', 'analyze', 'build'],
  dart: ['pub', 'test', 'analyze', 'format', 'fix'],
  mix: ['deps.get', 'test', 'compile', 'format', 'credo'],
  make: null,
  cmake: null,
  ctest: null,
  ninja: null,
  bazel: ['build', 'test', 'query'],
  git: [
    'status',
    'diff',
    'log',
    'show',
    'fetch',
    'pull',
    'add',
    'commit',
    'checkout',
    'switch',
    'merge',
    'rebase',
    'submodule',
    'lfs',
    'update-index',
  ],
  docker: ['build', 'compose', 'images', 'ps', 'logs'],
  kubectl: ['get', 'describe', 'logs', 'rollout', 'explain'],
  helm: ['lint', 'template', 'dependency', 'list', 'status'],
  terraform: ['fmt', 'validate', 'plan', 'init'],
  actionlint: null,
  shellcheck: null,
  hadolint: null,
  df: null,
  du: null,
};

/** Words that put a package into the repository or run one from a registry. */
const ADDS_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  npm: ['install', 'i', 'update'],
  pnpm: ['add', 'install', 'i', 'update'],
  yarn: ['add', 'up', 'upgrade'],
  bun: ['add', 'install', 'update'],
  pip: ['install'],
  pip3: ['install'],
  poetry: ['add', 'update'],
  uv: ['add', 'pip'],
  pipenv: ['install', 'update'],
  go: ['get'],
  cargo: ['add', 'update'],
  rustup: ['component', 'target', 'toolchain'],
  dotnet: ['add'],
  composer: ['require', 'update'],
  bundle: ['add', 'update'],
  flutter: ['pub'],
  dart: ['pub'],
};
/** Words among the arguments of those that name no package. */
const NO_PACKAGE = new Set(['install', 'package', 'add', 'get', 'upgrade', 'update', '.', 'sync', 'all']);
/** What `npx` may run without a tool's message naming it. */
const KNOWN_TOOLS = new Set([
  'tsc',
  'eslint',
  'prettier',
  'vitest',
  'jest',
  'playwright',
  'cypress',
  'nx',
  'turbo',
  'biome',
  'vite',
  'webpack',
  'ng',
  'next',
  'knip',
  'depcheck',
  'stylelint',
  'mocha',
  'oxlint',
  'lerna',
  'prisma',
  'rollup',
  'ava',
  'npm-check-updates',
  'typescript',
]);
/** A word of a command: nothing that a shell would act on, no address, no way out of the directory. */
const WORD = /^(?!.*(?:^|[=/])\.\.(?:\/|$))(?!\/|~)[\w@%+=:,./^*-]{1,200}$/;
const QUOTED = /^(["'])([\w@%+=:,./^* -]{0,200})\1$/;
const ADDRESS = /:\/\/|^git\+|^(?:https?|ssh|ftp|file|git|github|gist|link|portal):|^[\w.-]+@[\w.-]+:/i;
/** Flags that run code from the command line, take packages from elsewhere, or switch a check off. */
const FORBIDDEN_FLAG =
  /^(?:--(?:eval|print|exec|call|package|registry|(?:extra-)?index-url|find-links|trusted-host|global|no-verify|force|hard|privileged|unsafe-perm|allow-root|no-audit|insecure|skip-tests?|no-check-certificate|upload-pack|config|userconfig|prefix|script-shell|script|init-script|node-options|toolchain|strict-ssl)(?:=.*)?|-D(?:skipTests|maven\.test\.skip).*)$/;
/** The short forms, which mean other things to other programs. */
const FORBIDDEN_SHORT: Readonly<Record<string, readonly string[]>> = {
  npm: ['-g', '-f'],
  pnpm: ['-g', '-f'],
  yarn: ['-f'],
  pip: ['-i', '-f', '-e'],
  pip3: ['-i', '-f', '-e'],
  git: ['-c', '-n', '-f', '-C'],
  gradle: ['-I', '-c', '-b', '-p'],
  './gradlew': ['-I', '-c', '-b', '-p'],
  make: ['-f', '-C'],
  pytest: ['-c', '-p'],
  eslint: ['-c'],
  jest: ['-c'],
  vitest: ['-c'],
  cmake: ['-P', '-E'],
  docker: ['-f', '-H'],
};

/**
 * Whether the command may be proposed: of known programs and their harmless words, without anything a shell acts on;
 * one that adds a package only when a message of a tool names that package. Parts joined by && are each held to that.
 */
export function isAllowedCommand(command: string, { findings }: Pick<FailureContext, 'findings'>): boolean {
  if (/[\r\n]/.test(command.trim())) return false;
  const parts = command.trim().split(/\s+&&\s+/);
  return parts.length <= 4 && parts.every((part) => isAllowedPart(part, findings));
}

function isAllowedPart(part: string, findings: readonly Finding[]): boolean {
  const words = wordsOf(part);
  if (words === null) return false;
  const [program = '', ...rest] = words;
  const verbs = Object.hasOwn(PROGRAMS, program) ? PROGRAMS[program] : undefined;
  if (verbs === undefined) return false;
  const short = FORBIDDEN_SHORT[program] ?? [];
  if (rest.some((word) => FORBIDDEN_FLAG.test(word) || short.includes(word) || ADDRESS.test(word))) {
    return false;
  }
  if (verbs !== null && !verbs.includes(rest[0] ?? 'install')) return false;
  const names = (word: string) => isNamed(word, findings);
  if (program === 'npx') return rest.length > 0 && (KNOWN_TOOLS.has(rest[0]!) || names(rest[0]!));
  if (!(ADDS_PACKAGES[program] ?? []).includes(rest[0] ?? '')) return true;
  return packagesIn(rest.slice(1)).every(names);
}

/** The words without their quotes; null when one is not plain. */
function wordsOf(part: string): string[] | null {
  const words: string[] = [];
  for (const raw of part.match(/"[^"]*"|'[^']*'|\S+/g) ?? []) {
    const quoted = QUOTED.exec(raw)?.[2];
    if (quoted === undefined && !WORD.test(raw)) return null;
    words.push(quoted ?? raw);
  }
  return words.length > 0 ? words : null;
}

function packagesIn(words: readonly string[]): string[] {
  return words.filter(
    (word, index) =>
      !word.startsWith('-') && !NO_PACKAGE.has(word) && !/^-r$|^--requirement$/.test(words[index - 1] ?? ''),
  );
}

/** Whether a tool's own message names the package, whatever version is asked for. */
function isNamed(word: string, findings: readonly Finding[]): boolean {
  const name = word.replace(/(?<=.)@[^/]*$/, '').replace(/[=<>~^!].*$/, '');
  if (name.length < 2) return false;
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const pattern = new RegExp(`(?<![\\w@/-])${escaped}(?![\\w-])`, 'i');
  return findings.some(({ message }) => pattern.test(message));
}
