import type { Detector } from './detector.js';

/** gcc, clang, swiftc, MSVC, nvcc, gfortran and the linkers. */
export const native: Detector = {
  family: 'native',
  rules: [
    {
      id: 'cc.error',
      near: [': error:', ': fatal error:', ': internal compiler error:'],
      pattern:
        /^(?:\[ERROR\] )?\s{0,4}(?<file>(?:[A-Za-z]:)?[^\s:"'()][^:"'()]{0,400}):(?<line>\d{1,7}):(?:(?<column>\d{1,6}):)? (?:fatal |internal compiler )?error: (?<message>.*)/,
      unless: /^[^:]{1,400}\.(?:pyi?|java|kts?|tsx?|jsx?|scala|robot|ya?ml):\d/,
      weight: 93,
      category: 'compile_error',
      subcategory: 'cc',
      context: { before: 2, after: 4 },
    },
    {
      id: 'cc.missing-header',
      near: ['file not found', 'no such file or directory'],
      and: ['fatal error:'],
      pattern:
        /^\s{0,12}(?<file>(?:[A-Za-z]:)?[^\s:"'()][^:"'()]{0,400}):(?<line>\d{1,7}):(?:(?<column>\d{1,6}):)? fatal error: (?<message>(?:'[^']{1,200}' file not found|\S{1,200}: No such file or directory).*)/,
      weight: 94,
      category: 'compile_error',
      subcategory: 'missing_header',
      instead: [
        {
          step: /\bpip3? install\b|\b(?:uv|poetry|pdm) (?:sync|install)\b/,
          category: 'dependency',
          subcategory: 'system_dependency_missing',
        },
        {
          seen: ['pip.subprocess', 'uv.build'],
          category: 'dependency',
          subcategory: 'system_dependency_missing',
        },
      ],
      context: { before: 2, after: 4 },
    },
    {
      id: 'cc.driver',
      near: [
        'gcc: error:',
        'g++: error:',
        'clang: error:',
        'clang++: error:',
        'cc: error:',
        'c++: error:',
        'g++: fatal',
        'gcc: fatal',
        'cc1plus: ',
        'nvcc fatal',
        'error: unknown target cpu',
      ],
      pattern:
        /^(?:\S{0,200}[/-])?(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+)(?:-\d{1,2})?: (?:fatal )?error: (?<message>(?!linker command failed).*)|^nvcc fatal\s{1,4}: .*/,
      weight: 90,
      category: 'compile_error',
      subcategory: 'cc',
    },
    {
      id: 'cc.killed',
      near: ['killed signal terminated program', 'internal compiler error: killed'],
      pattern:
        /(?<message>fatal error: Killed signal terminated program \w{1,20}|internal compiler error: Killed.*)/,
      weight: 96,
      category: 'resource_limit',
      subcategory: 'memory',
      suggestion:
        'Build with fewer jobs at a time (`-j`) or on a larger runner: the compiler ran out of memory.',
    },
    {
      id: 'cc.werror',
      near: ['warnings being treated as errors', 'warnings treated as errors'],
      pattern: /(?:cc1(?:plus)?: )?(?:all|some) warnings being treated as errors/,
      weight: 45,
      category: 'compile_error',
      context: { before: 4, after: 0 },
    },
    {
      id: 'cc.errors-generated',
      near: ['errors generated', 'error generated'],
      pattern: /^\d{1,5} (?:warnings? and \d{1,5} )?errors? generated\b/,
      weight: 42,
      category: 'compile_error',
    },
    {
      id: 'msvc.error',
      near: ['error c', 'fatal error c'],
      pattern:
        /^\s{0,8}(?:\d{1,3}>)?(?<file>(?:[A-Za-z]:)?[^\s:"'<>|]{1,400})\((?<line>\d{1,7})(?:,(?<column>\d{1,6}))?\)\s?: (?:fatal )?error (?<code>C\d{4}): (?<message>.*)/,
      weight: 93,
      category: 'compile_error',
      subcategory: 'msvc',
    },
    {
      id: 'msvc.link',
      near: ['error lnk'],
      pattern: /(?:fatal )?error (?<code>LNK\d{4}): (?<message>.*)/,
      weight: 92,
      category: 'compile_error',
      subcategory: 'linker',
    },
    {
      id: 'ld.undefined',
      near: [
        'undefined reference to',
        'undefined symbol: ',
        'undefined symbols for architecture',
        'unresolved external',
        'symbol(s) not found for',
      ],
      pattern:
        /(?<message>undefined reference to .*|(?:ld\.lld|lld|wasm-ld): error: undefined symbol: .*|Undefined symbols for architecture .*)/,
      weight: 92,
      category: 'compile_error',
      subcategory: 'linker',
      context: { before: 2, after: 3 },
    },
    {
      id: 'ld.error',
      near: ['ld: ', 'ld.lld: error', 'ld.gold: ', 'mold: ', 'multiple definition of', 'relocation '],
      pattern:
        /(?:^|[/\s:])(?:ld|ld\.lld|ld\.gold|ld\.bfd|lld|mold|rust-lld|wasm-ld): (?<message>(?:error: .*|fatal: .*|cannot find .*|library .{0,80}not found.*|framework .{0,80}not found.*|.{0,400}(?:multiple definition of|relocation truncated|file not recognized|section .{1,60} overflowed|will not fit in region|can not be used when making|duplicate symbol).*))/,
      unless: /warning: /,
      weight: 91,
      category: 'compile_error',
      subcategory: 'linker',
    },
    {
      id: 'ld.undefined-modpost',
      tool: 'modpost',
      near: ['modpost: '],
      pattern: /^ERROR: modpost: (?<message>.*)/,
      weight: 92,
      category: 'compile_error',
      subcategory: 'linker',
    },
    {
      id: 'ld.failed',
      near: ['ld returned', 'linker command failed'],
      pattern:
        /(?:collect2: (?:fatal )?error: ld returned \d|error: linker command failed with exit code|link command failed)/,
      weight: 40,
      category: 'compile_error',
      subcategory: 'linker',
      context: { before: 6, after: 1 },
    },
    {
      id: 'as.error',
      tool: 'as',
      near: ['assembler messages', ': error: '],
      pattern: /^(?<file>[^\s:]{1,400}\.[sS]): Assembler messages:/,
      weight: 80,
      category: 'compile_error',
      subcategory: 'assembler',
    },
    {
      id: 'gfortran.error',
      near: ['fatal error: ', 'error: '],
      pattern: /^(?:Fatal )?Error: (?<message>.{1,400}) at \(\d\)/,
      weight: 90,
      category: 'compile_error',
      subcategory: 'fortran',
      context: { before: 5, after: 1 },
    },
    {
      id: 'xcodebuild.error',
      near: ['xcodebuild: error', 'no such module', 'provisioning profile', 'requires a development team'],
      pattern:
        /(?<message>xcodebuild: error: .*|error: (?:No (?:signing|profile)|.{0,200}(?:requires a (?:provisioning profile|development team)|Provisioning profile)).*)/,
      weight: 90,
      category: 'build_config',
      subcategory: 'xcode',
      instead: [{ step: /\b(?:sign|archive|export)/i, category: 'auth_permission', subcategory: 'signing' }],
    },
    {
      id: 'xcodebuild.failed',
      near: ['** build failed **', '** test failed **', '** archive failed **'],
      pattern: /^\*\* (?:BUILD|TEST|ARCHIVE) FAILED \*\*/,
      weight: 30,
      category: null,
      context: { before: 2, after: 6 },
    },
    {
      id: 'cocoapods.error',
      near: [
        'cocoapods could not find compatible',
        'unable to find a specification for',
        'sandbox is not in sync',
      ],
      pattern:
        /(?<message>(?:\[!\] )?(?:CocoaPods could not find compatible versions for pod|Unable to find a specification for) .*|The sandbox is not in sync with the Podfile\.lock.*)/,
      weight: 93,
      category: 'dependency',
      subcategory: 'pods',
      suggestion: 'Run `pod install --repo-update` and commit Podfile.lock.',
    },
  ],
};
