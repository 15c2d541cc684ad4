import type { Detector } from './detector.js';

/** Zig, Nix, vcpkg, Conan, and checkers of C and C++ sources: clang-format, clang-tidy, cppcheck, cpplint. */
export const systemBuilds: Detector = {
  family: 'system-builds',
  rules: [
    {
      id: 'zig-test.failed',
      near: ["error: '"],
      and: ["' failed"],
      pattern: /^error: '(?<test>[\w.]{1,300})' failed(?:: (?<message>.*))?$/,
      weight: 91,
      category: 'test_failure',
      subcategory: 'assertion',
      context: { before: 1, after: 6 },
      test: true,
    },
    {
      id: 'nix.builder-failed',
      near: ["error: builder for '", "error: build of '", "cannot build '/nix/store"],
      pattern:
        /^\s{0,8}error: (?:builder for|build of|[Cc]annot build) '(?<file>\/nix\/store\/\S{1,300}?)'(?<message>.*)/,
      weight: 78,
      category: 'compile_error',
      subcategory: 'nix',
      context: { before: 0, after: 14 },
    },
    {
      id: 'nix.hash-mismatch',
      near: ['hash mismatch in fixed-output derivation', 'hash mismatch in file downloaded'],
      pattern: /^\s{0,8}error: (?<message>hash mismatch in (?:fixed-output derivation|file downloaded).*)/,
      weight: 94,
      category: 'dependency',
      subcategory: 'checksum',
      context: { before: 0, after: 3 },
    },
    {
      id: 'nix.evaluation',
      near: [
        'error: undefined variable',
        'error: attribute ',
        'error: infinite recursion',
        'error: syntax error, unexpected',
        'error: getting status of',
      ],
      pattern:
        /^\s{0,8}error: (?<message>(?:undefined variable '|attribute '.{1,100}' (?:missing|already)|infinite recursion encountered|syntax error, unexpected|getting status of '\/nix).*)/,
      weight: 90,
      category: 'build_config',
      subcategory: 'nix',
      context: { before: 3, after: 4 },
    },
    {
      id: 'vcpkg.build-failed',
      near: [
        'failed with: build_failed',
        'vcpkg install failed',
        'failed with: file_conflicts',
        'failed with: post_build',
      ],
      pattern:
        /^(?:CMake Error.{0,80}|error: )?(?<message>building (?<code>[\w-]{1,100}(?::[\w-]{1,60})?) failed with: \w{3,40}|vcpkg install failed.*)/,
      weight: 91,
      category: 'dependency',
      subcategory: 'package_build_failed',
      context: { before: 6, after: 4 },
    },
    {
      id: 'conan.missing',
      near: [
        'error: missing prebuilt package',
        'error: missing binary',
        "' not resolved: ",
        'error: version conflict',
        'unable to find ',
      ],
      pattern:
        /^(?:ConanException: )?ERROR: (?<message>Missing (?:prebuilt package|binary)[\s:].*|Package '[^']{1,100}' not resolved: .*|Version conflict: .*|Unable to find '.{1,100}' in remotes.*)/,
      weight: 92,
      category: 'dependency',
      subcategory: 'unresolvable_package',
      context: { before: 2, after: 4 },
    },
    {
      id: 'clang-format.violation',
      near: ['[-wclang-format-violations]'],
      pattern:
        /^(?<file>[^\s:]{1,400}):(?<line>\d{1,7}):(?<column>\d{1,6}): (?:error|warning): (?<message>code should be clang-formatted) \[-Wclang-format-violations\]/,
      weight: 94,
      category: 'quality',
      subcategory: 'format',
      context: { before: 0, after: 2 },
      suggestion: 'clang-format -i $<file>',
    },
    {
      id: 'clang-tidy.finding',
      near: [
        '-warnings-as-errors]',
        '[modernize-',
        '[bugprone-',
        '[readability-',
        '[performance-',
        '[cppcoreguidelines-',
        '[misc-',
        '[clang-analyzer-',
        '[google-',
        '[cert-',
        '[hicpp-',
      ],
      pattern:
        /^(?<file>(?:[A-Za-z]:)?[^\s:]{1,400}):(?<line>\d{1,7}):(?<column>\d{1,6}): error: (?<message>.*) \[(?<code>[a-z][\w.-]{3,100})(?:,-warnings-as-errors)?\]$/,
      unless: /\[-W/,
      weight: 94,
      category: 'quality',
      subcategory: 'static_analysis',
      context: { before: 0, after: 3 },
    },
    {
      id: 'cppcheck.finding',
      near: [': error: ', ': warning: ', ': style: '],
      pattern:
        /^(?<file>(?:[A-Za-z]:)?[^\s:]{1,400}\.(?:c|cc|cpp|cxx|h|hh|hpp)):(?<line>\d{1,7}):(?<column>\d{1,6}): error: (?<message>.*) \[(?<code>[a-z][a-zA-Z]{3,60})\]$/,
      weight: 94,
      category: 'quality',
      subcategory: 'static_analysis',
      context: { before: 0, after: 2 },
    },
    {
      id: 'cpplint.finding',
      near: ['] [1]', '] [2]', '] [3]', '] [4]', '] [5]'],
      pattern:
        /^(?<file>[^\s:]{1,400}):(?<line>\d{1,7}): {1,2}(?<message>.{1,600}?) {1,2}\[(?<code>[a-z]{2,20}\/[\w+/]{2,60})\] \[[1-5]\]$/,
      weight: 90,
      category: 'quality',
      subcategory: 'lint',
    },
  ],
};
