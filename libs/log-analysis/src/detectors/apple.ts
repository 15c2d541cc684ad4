import type { Detector } from './detector.js';

/** Swift packages, Swift Testing, xcpretty and xcbeautify, SwiftLint, SwiftFormat. */
export const apple: Detector = {
  family: 'apple',
  rules: [
    {
      id: 'swift-testing.issue',
      near: ['recorded an issue at'],
      pattern:
        /^(?:✘|􀢄|x) Test (?<test>.{1,200}?) recorded an issue (?:with .{1,200} )?at (?<file>[^\s:]{1,300}):(?<line>\d{1,7}):(?<column>\d{1,6}): (?<message>.*)/u,
      weight: 92,
      category: 'test_failure',
      subcategory: 'assertion',
      test: true,
    },
    {
      id: 'xcpretty.failed',
      near: ['    ✗ ', '  ✗ ', '✖ '],
      pattern: /^\s{2,8}(?:✗|✖) (?<test>\w{2,200}(?:\(\))?), (?<message>.*)/,
      weight: 90,
      category: 'test_failure',
      subcategory: 'assertion',
      test: true,
    },
    {
      id: 'swiftlint.violation',
      near: [' violation: '],
      pattern:
        /^(?<file>[^\s:][^:]{0,300}\.swift):(?<line>\d{1,7})(?::(?<column>\d{1,6}))?: (?:error|warning): (?<message>.{1,120} Violation: .*) \((?<code>[a-z_]{3,60})\)$/,
      weight: 94,
      category: 'quality',
      subcategory: 'lint',
    },
    {
      id: 'swiftformat.violation',
      near: ['.swift:'],
      pattern:
        /^(?<file>[^\s:][^:]{0,300}\.swift):(?<line>\d{1,7}):(?<column>\d{1,6}): error: \((?<code>[a-zA-Z]{3,60})\) (?<message>.*)/,
      weight: 94,
      category: 'quality',
      subcategory: 'format',
      suggestion: 'swiftformat .',
    },
    {
      id: 'swiftpm.resolve',
      near: [
        'dependencies could not be resolved because',
        'package resolution failed',
        'could not resolve package dependencies',
      ],
      pattern:
        /(?<message>Dependencies could not be resolved because .*|[Cc]ould not resolve package dependencies.*)/,
      weight: 93,
      category: 'dependency',
      subcategory: 'unresolvable_package',
      context: { before: 0, after: 4 },
    },
    {
      id: 'swift.manifest',
      near: ['is using swift tools version', 'invalid manifest', 'no such module'],
      pattern:
        /^(?:\S{0,300}: )?error: (?<message>.{0,200}(?:is using Swift tools version|[Ii]nvalid manifest).*)/,
      weight: 92,
      category: 'build_config',
      subcategory: 'tool_version',
    },
    {
      id: 'xcodebuild.destination',
      tool: 'xcodebuild',
      near: [
        'unable to find a device matching',
        'unable to find a destination matching',
        'does not contain a scheme named',
        'is not currently configured for the',
      ],
      pattern:
        /xcodebuild: error: (?<message>Unable to find a (?:device|destination) matching .*|.{0,200}does not contain a scheme named .*|.{0,200}is not currently configured for .*)/,
      weight: 93,
      category: 'workflow_config',
      subcategory: 'xcode_destination',
      context: { before: 0, after: 6 },
    },
    {
      id: 'xcodebuild.commands',
      tool: 'xcodebuild',
      near: ['the following build commands failed'],
      pattern: /^The following build commands failed:/,
      weight: 48,
      category: 'compile_error',
      context: { before: 0, after: 4 },
    },
  ],
};
