import type { Detector } from './detector.js';

/** Scala 3's own form of messages, scalafmt, scalafix, Mill, and failures of sbt itself. */
export const scala: Detector = {
  family: 'scala',
  rules: [
    {
      id: 'scalac.header',
      near: ['error: ', 'warning: '],
      and: ['.scala:'],
      pattern:
        /^(?:\[error\] )?-- (?:\[(?<code>E\d{1,4})\] )?[\w ]{0,40}Error: (?<file>[^\s:]{1,400}\.scala):(?<line>\d{1,7}):(?<column>\d{1,6})/,
      weight: 94,
      category: 'compile_error',
      subcategory: 'scala',
      context: { before: 0, after: 6 },
      completes: { within: 6, patterns: [/^(?:\[error\] )?\s{1,8}\|\s{1,12}(?<message>[A-Za-z].*)/] },
    },
    {
      id: 'scalafmt.file',
      near: ["isn't formatted properly", 'is not formatted', 'must be formatted', 'is mis-formatted'],
      pattern:
        /^(?:\[(?:warn|error)\] )?(?<file>\S{1,400}\.s(?:cala|bt)) (?<message>isn't formatted properly|is not formatted|is mis-formatted).*/,
      weight: 90,
      category: 'quality',
      subcategory: 'format',
      suggestion: 'sbt scalafmtAll',
    },
    {
      id: 'scalafmt.summary',
      near: ['must be formatted'],
      pattern: /^(?:\[error\] )?(?:\(.{1,80}\) )?\d{1,6} files? must be formatted/,
      weight: 70,
      category: 'quality',
      subcategory: 'format',
      context: { before: 3, after: 1 },
    },
    {
      id: 'scalafix.failed',
      near: ['scalafix.sbt.scalafixfailed'],
      pattern: /^(?:\[error\] )?\(.{1,80}\) (?<message>scalafix\.sbt\.ScalafixFailed: .*)/,
      weight: 86,
      category: 'quality',
      subcategory: 'lint',
      context: { before: 6, after: 1 },
    },
    {
      id: 'sbt.key',
      near: ['not a valid command: ', 'not a valid key: ', 'not a valid project id'],
      pattern: /^\[error\] (?<message>Not a valid (?:command|key|project ID): .*)/,
      weight: 90,
      category: 'build_config',
      subcategory: 'sbt',
    },
    {
      id: 'mima.problem',
      near: ['failed binary compatibility check', 'binary compatibility check failed'],
      pattern: /^\[error\] (?<message>.{0,200}[Ff]ailed binary compatibility check.*)/,
      weight: 88,
      category: 'quality',
      subcategory: 'api_compatibility',
      context: { before: 1, after: 5 },
    },
  ],
};
