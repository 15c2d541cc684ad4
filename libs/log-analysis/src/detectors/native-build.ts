import type { Detector } from './detector.js';

/** CMake, make, ninja, meson, autoconf, pkg-config, Kbuild, Bazel. */
export const nativeBuild: Detector = {
  family: 'native-build',
  rules: [
    {
      id: 'cmake.missing-package',
      near: [
        'could not find a package configuration file',
        'could not find a configuration file for package',
        'could not find',
        'no package',
        "package '",
        'required packages were not found',
      ],
      pattern:
        /^\s{2,6}(?<message>Could not find a (?:package configuration file provided|configuration file for package).*|Could NOT find \S.*|Could not find (?:a required )?\S{1,80} using the following names.*|The following required packages were not found:.*)/,
      follows: { tools: ['cmake'], lines: 4 },
      weight: 94,
      category: 'dependency',
      subcategory: 'missing_library',
      context: { before: 3, after: 6 },
    },
    {
      id: 'cmake.version',
      near: ['or higher is required', 'compatibility with cmake < ', 'no cmake_'],
      pattern:
        /^\s{0,6}(?<message>CMake \S{1,20} or higher is required\..*|Compatibility with CMake < \S{1,10} has been removed.*|No CMAKE_\w{1,20}_COMPILER could be found.*)/,
      weight: 94,
      category: 'dependency',
      subcategory: 'tool_version',
      context: { before: 2, after: 5 },
      instead: [{ seen: ['cmake.policy'], category: 'build_config' }],
    },
    {
      id: 'cmake.error',
      near: ['cmake error'],
      pattern:
        /^CMake Error(?: (?:at|in) (?<file>[^\s:]{1,400})(?::(?<line>\d{1,7}))?(?: \((?<code>[\w-]{1,80})\))?)?:(?<message>.*)/,
      weight: 90,
      category: 'build_config',
      subcategory: 'cmake',
      context: { before: 1, after: 8 },
    },
    {
      id: 'cmake.incomplete',
      near: ['configuring incomplete', 'generate step failed'],
      pattern: /^(?:-- Configuring incomplete, errors occurred|CMake Generate step failed)/,
      weight: 42,
      category: 'build_config',
      context: { before: 6, after: 1 },
    },
    {
      id: 'make.no-rule',
      near: [
        'no rule to make target',
        'no targets specified and no makefile',
        'no makefile found',
        'missing separator',
      ],
      pattern:
        /(?<message>(?:\*\*\* )?(?:No rule to make target .*|No targets specified and no makefile found.*|missing separator.*))/,
      weight: 92,
      category: 'build_config',
      subcategory: 'make',
    },
    {
      id: 'make.stop',
      near: [' *** '],
      and: ['stop.'],
      pattern:
        /^(?<file>\S{0,300}?[Mm]akefile\S{0,100}?):(?<line>\d{1,7}): \*\*\* (?<message>.*?)\.? {1,2}Stop\./,
      weight: 89,
      category: 'build_config',
      subcategory: 'make',
    },
    {
      id: 'make.command-missing',
      near: ['make: ', 'make['],
      and: ['command not found', 'no such file or directory'],
      pattern:
        /^(?:g|mingw32-)?make(?:\[\d{1,3}\])?: (?<code>[^\s:*]{1,200}): (?:Command not found|No such file or directory)/,
      weight: 91,
      category: 'dependency',
      subcategory: 'missing_tool',
    },
    {
      id: 'make.error',
      near: ['make: *** ', ']: *** [', 'gmake: *** '],
      pattern:
        /^(?:g|mingw32-)?make(?:\[\d{1,3}\])?: \*\*\* \[.{1,400}\] (?:Error \d{1,3}|Segmentation fault|Aborted|Killed)/,
      weight: 34,
      category: 'compile_error',
      context: { before: 4, after: 0 },
      instead: [
        { step: /\b(?:tests?|check|ctest|e2e)\b/i, category: 'test_failure' },
        { step: /\b(?:lint|format|fmt)\b/i, category: 'quality' },
      ],
    },
    {
      id: 'ninja.failed',
      near: ['failed: '],
      pattern:
        /^(?:ninja: )?FAILED: (?:\[code=\d{1,5}\] )?(?<file>\S{1,400}\.\w{1,12}|\S{0,300}(?:CMakeFiles|\/)\S{1,300})\s?$/,
      weight: 72,
      category: 'compile_error',
      subcategory: 'ninja',
      context: { before: 0, after: 4 },
    },
    {
      id: 'ninja.error',
      near: ['ninja: error:', 'ninja: fatal:'],
      pattern: /^ninja: (?:error|fatal): (?<message>.*)/,
      weight: 90,
      category: 'build_config',
      subcategory: 'ninja',
    },
    {
      id: 'ninja.stopped',
      near: ['ninja: build stopped'],
      pattern: /^ninja: build stopped: /,
      weight: 28,
      category: 'compile_error',
      context: { before: 3, after: 0 },
    },
    {
      id: 'meson.error',
      near: ['error: dependency', 'error: ', 'meson.build:'],
      pattern: /^(?<file>\S{0,300}meson\.build):(?<line>\d{1,7}):(?<column>\d{1,6}): ERROR: (?<message>.*)/,
      weight: 91,
      category: 'build_config',
      subcategory: 'meson',
    },
    {
      id: 'meson.missing',
      near: ['meson.build:'],
      and: ['not found', 'lookup failed'],
      pattern:
        /^(?<file>\S{0,300}meson\.build):(?<line>\d{1,7}):(?<column>\d{1,6}): ERROR: (?<message>.*(?:not found|lookup failed).*)/,
      weight: 94,
      category: 'dependency',
      subcategory: 'missing_library',
    },
    {
      id: 'configure.missing',
      near: ['configure: error:', 'configure.ac:', 'error: possibly undefined macro'],
      pattern:
        /configure(?:\.ac:\d{1,6})?: error: (?<message>.*(?:not found|missing|required|requirements|could not find|cannot find|no acceptable|unable to find|install|not met).*)/i,
      weight: 94,
      category: 'dependency',
      subcategory: 'missing_library',
      context: { before: 3, after: 5 },
    },
    {
      id: 'configure.error',
      near: ['configure: error:', 'configure.ac:'],
      pattern: /configure(?:\.ac:\d{1,6})?: error: (?<message>.*)/,
      weight: 92,
      category: 'build_config',
      subcategory: 'autoconf',
      context: { before: 3, after: 4 },
    },
    {
      id: 'pkg-config.missing',
      near: ["required by 'virtual:world'", 'in the pkg-config search path', "no package '"],
      pattern:
        /^\s{0,6}(?<message>Package '?(?<code>[\w.+-]{1,100})'?,? (?:required by 'virtual:world', not found|was not found in the pkg-config search path).*|No package '[^']{1,100}' found)/,
      weight: 88,
      category: 'dependency',
      subcategory: 'missing_library',
    },
    {
      id: 'kbuild.config',
      near: [
        '*** the present kernel configuration',
        "*** can't find default configuration",
        '*** configuration file',
        '*** the source tree is not clean',
        '*** please ',
        'kernel configuration is invalid',
        '*** compiler ',
      ],
      pattern:
        /^(?:\*{3}|ERROR:) ?(?<message>(?:The present kernel configuration|Can't find default configuration|Configuration file|The source tree is not clean|Kernel configuration is invalid|Compiler ).*)/,
      weight: 92,
      category: 'build_config',
      subcategory: 'kconfig',
      context: { before: 1, after: 4 },
    },
    {
      id: 'kbuild.dtc',
      tool: 'dtc',
      near: ['fatal error: unable to parse input tree', 'syntax error'],
      pattern:
        /^(?:Error: (?<file>[^\s:]{1,300}\.dtsi?):(?<line>\d{1,7})\S{0,40} (?<message>.*)|FATAL ERROR: Unable to parse input tree)/,
      weight: 90,
      category: 'compile_error',
      subcategory: 'device_tree',
    },
    {
      id: 'bazel.reference',
      near: [
        'error: no such',
        'no such target',
        'no such package',
        'cycle in dependency graph',
        'is not visible from',
        'could not be resolved: repository',
      ],
      pattern:
        /^ERROR: (?:(?<file>\/\S{1,400}?):(?<line>\d{1,7})(?::(?<column>\d{1,6}))?: )?(?<message>.{0,200}(?:no such (?:package|target) .*|cycle in dependency graph.*|is not visible from.*))/,
      weight: 90,
      category: 'build_config',
      subcategory: 'bazel',
    },
    {
      id: 'bazel.error',
      near: ['error: /', 'error: analysis of target', 'error: no such', 'error: error loading'],
      pattern:
        /^ERROR: (?:(?<file>\/\S{1,400}?(?:BUILD|WORKSPACE|MODULE)(?:\.bazel)?|\/\S{1,400}\.bzl):(?<line>\d{1,7})(?::(?<column>\d{1,6}))?: (?<message>.*)|Analysis of target .*|no such (?:package|target) .*|Error loading .*)/,
      weight: 78,
      category: 'compile_error',
      subcategory: 'bazel',
    },
    {
      id: 'bazel.test',
      near: ['failed in ', 'timeout in '],
      pattern: /^(?<test>\/\/\S{1,300}) {1,200}(?:FAILED|TIMEOUT)(?: in .*)?/,
      weight: 84,
      category: 'test_failure',
      test: true,
    },
  ],
};
