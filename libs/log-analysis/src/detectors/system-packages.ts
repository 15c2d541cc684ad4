import type { Detector } from './detector.js';

/** apt, dnf, apk, Homebrew, Chocolatey, and commands and libraries that a machine doesn't have. */
export const systemPackages: Detector = {
  family: 'system-packages',
  rules: [
    {
      id: 'apt.missing',
      near: ['unable to locate package', 'has no installation candidate', "couldn't find any package by"],
      pattern:
        /^E: (?<message>Unable to locate package .*|Package '.{1,200}' has no installation candidate|Couldn't find any package by .*)/,
      weight: 94,
      category: 'dependency',
      subcategory: 'package_not_found',
      suggestion: 'Run `apt-get update` first, and check the package name for this distribution.',
    },
    {
      id: 'apt.version',
      near: ["e: version '"],
      pattern: /^E: (?<message>Version '.{1,200}' for '.{1,200}' was not found)/,
      weight: 94,
      category: 'dependency',
      subcategory: 'version_not_found',
    },
    {
      id: 'apt.conflict',
      near: ['held broken packages', 'unmet dependencies', 'unable to correct problems'],
      pattern:
        /(?<message>Unable to correct problems, you have held broken packages.*|The following packages have unmet dependencies.*)/,
      weight: 90,
      category: 'dependency',
      subcategory: 'package_conflict',
      context: { before: 0, after: 6 },
    },
    {
      id: 'apt.fetch',
      near: [
        'e: failed to fetch',
        'e: some index files failed',
        'e: unable to fetch some archives',
        'does not have a release file',
        'is not signed',
      ],
      pattern:
        /^E: (?<message>(?:Failed to fetch|Some index files failed|Unable to fetch some archives|The repository '.{1,300}' (?:does not have a Release file|is not signed|no longer has)).*)/,
      weight: 90,
      category: 'network',
      subcategory: 'mirror_unreachable',
    },
    {
      id: 'apt.error',
      near: ['e: '],
      pattern: /^E: (?<message>\S.*)/,
      weight: 76,
      category: 'dependency',
    },
    {
      id: 'dnf.missing',
      near: [
        'no match for argument',
        'unable to find a match',
        'no package matches',
        'nothing provides ',
        'no matching package to install',
      ],
      pattern:
        /(?<message>No match for argument: .*|Unable to find a match: .*|No package matches .*|nothing provides .{1,300}|No matching package to install: .*)/i,
      unless: /nothing provides requested /,
      weight: 93,
      category: 'dependency',
      subcategory: 'package_not_found',
    },
    {
      id: 'dnf.transaction',
      near: ['failed to resolve the transaction', 'failed build dependencies'],
      pattern: /(?<message>Failed to resolve the transaction|Failed build dependencies).*/i,
      weight: 80,
      category: 'dependency',
      subcategory: 'package_conflict',
      context: { before: 1, after: 8 },
    },
    {
      id: 'apk.missing',
      near: ['(no such package)', 'unsatisfiable constraints', 'unable to select packages'],
      pattern:
        /^(?<message>.{0,200}?(?:\(no such package\)|unsatisfiable constraints|unable to select packages).*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'package_not_found',
      context: { before: 2, after: 6 },
    },
    {
      id: 'choco.missing',
      near: ['the package was not found with the source(s) listed', 'was not found with the source'],
      pattern:
        /^(?<message>(?<code>\S{1,100}) not installed\. The package was not found with the source\(s\) listed.*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'package_not_found',
    },
    {
      id: 'brew.missing',
      near: ['no available formula', 'no formulae or casks found', 'no formulae found'],
      pattern: /(?<message>No available formula .*|No formulae (?:or casks )?found .*)/,
      weight: 93,
      category: 'dependency',
      subcategory: 'package_not_found',
    },
    {
      id: 'shell.command-not-found',
      near: ['command not found', ': not found', 'is not recognized as'],
      pattern:
        /^\s{0,4}(?:(?:\/\S{0,200}|\S{1,60}): )?(?:line )?(?:\d{1,6}: )?(?<message>(?<code>[\w@./+-]{1,100}): (?:command )?not found|'?(?<file>[^']{1,100})'? is not recognized as (?:an internal or external command|the name of a cmdlet|a name of a cmdlet).*)$/,
      unless: /^(?:E: |error|fatal|manifest|container|image|network)|-NOTFOUND: not found/i,
      weight: 92,
      category: 'dependency',
      subcategory: 'tool_not_installed',
      context: { before: 4, after: 2 },
      suggestion:
        'Install `$<code>` in the job before this step, or run it from the project’s own dependencies.',
    },
    {
      id: 'zsh.command-not-found',
      tool: 'shell',
      near: ['command not found: '],
      pattern: /(?<message>command not found: (?<code>\S{1,100}))/,
      weight: 92,
      category: 'dependency',
      subcategory: 'tool_not_installed',
    },
    {
      id: 'shell.command-hint',
      tool: 'shell',
      near: ["' not found, but can be installed", "' not found, did you mean"],
      pattern:
        /^(?<message>Command '(?<code>[^']{1,80})' not found, (?:but can be installed|did you mean).*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'tool_not_installed',
    },
    {
      id: 'file.permission',
      tool: 'shell',
      near: ['eacces: permission denied', 'operation not permitted, '],
      pattern:
        /^(?:\S{0,40} )?(?:Error: )?(?<message>(?:EACCES: permission denied|EPERM: operation not permitted), .*)/,
      weight: 82,
      category: 'auth_permission',
      subcategory: 'file_permission',
      context: { before: 3, after: 3 },
    },
    {
      id: 'exec.not-found',
      tool: 'shell',
      near: ['executable file not found', 'unable to locate executable file', 'executable not found'],
      pattern:
        /^(?<message>.{0,1500}?(?:executable file not found in \$?%?PATH|Unable to locate executable file: \S{1,100}).*)/i,
      weight: 91,
      category: 'dependency',
      subcategory: 'tool_not_installed',
    },
    {
      id: 'loader.shared-library',
      tool: 'loader',
      near: [
        'cannot open shared object file',
        'error while loading shared libraries',
        'library not loaded',
        'version `glibc',
      ],
      pattern:
        /(?<message>(?:error while loading shared libraries: )?(?<![\w.+-])(?<file>[\w.+-]{1,120}): cannot open shared object file.*|Library not loaded: .*|version `GLIBC\w{0,10}_[\d.]{1,12}' not found.*)/,
      weight: 93,
      category: 'dependency',
      subcategory: 'shared_library_missing',
      suggestion: 'Install the system package that holds `$<file>` on the runner or in the image.',
    },
    {
      id: 'cmake.find-package',
      tool: 'cmake',
      near: ['could not find ', 'could not find a package configuration file'],
      pattern: /^\s{0,4}(?<message>Could NOT find (?<code>[\w+-]{1,80}) \(missing: .*)/,
      weight: 84,
      category: 'dependency',
      subcategory: 'system_dependency_missing',
    },
    {
      id: 'pkg-config.missing',
      near: [
        'was not found in the pkg-config search path',
        'pkg-config command could not be found',
        "no package '",
      ],
      pattern:
        /(?<message>Package '?[\w.+-]{1,100}'?,? .{0,60}was not found in the pkg-config search path.*|The pkg-config command could not be found.*|No package '[\w.+-]{1,100}' found)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'system_dependency_missing',
    },
  ],
};
