import type { Detector } from './detector.js';

/** A panic's message stands on the line below its place, the values that differ below that. */
const PANIC_DETAILS = [
  /^\s{0,8}(?<message>(?!note: |stack backtrace|\s{0,4}(?:left|right): )\S.*)/,
  /^\s{1,4}left: (?<actual>.*)/,
  /^\s{1,4}right: (?<expected>.*)/,
];

/** libtest (cargo test), nextest, panics. */
export const rustTests: Detector = {
  family: 'rust-tests',
  rules: [
    {
      id: 'cargo-test.doctest',
      near: [' ... failed'],
      and: [' (line '],
      pattern:
        /^test (?<test>(?<file>\S{1,300}) - .{0,200}\(line (?<line>\d{1,7})\)(?: - compile(?: fail)?)?) \.\.\. FAILED$/,
      weight: 93.5,
      category: 'test_failure',
      subcategory: 'doctest',
      context: { before: 0, after: 0 },
      test: true,
    },
    {
      id: 'cargo-test.failed',
      near: [' ... failed'],
      pattern: /^test (?<test>\S.{0,300}?) \.\.\. FAILED$/,
      weight: 88,
      category: 'test_failure',
      subcategory: 'assertion',
      context: { before: 0, after: 0 },
      test: true,
    },
    {
      id: 'cargo-test.panic',
      near: ['panicked at '],
      pattern:
        /^\s{0,12}thread '(?!main')(?<test>[^']{1,300})' (?:\(\d{1,10}\) )?panicked at (?:'(?<message>.*)', )?(?<file>[^\s:']{1,300}):(?<line>\d{1,7})(?::(?<column>\d{1,6}))?:?$/,
      weight: 92,
      category: null,
      context: { before: 1, after: 6 },
      completes: { within: 3, patterns: PANIC_DETAILS },
      instead: [
        {
          seen: ['cargo-test.failed', 'nextest.failed', 'cargo-test.result'],
          category: 'test_failure',
          subcategory: 'panic_assertion',
        },
        { seen: ['rustc.ice'], category: 'compile_error', subcategory: 'compiler_crash' },
      ],
    },
    {
      // before Rust 1.73 the message stood first, over several lines where it has several
      id: 'cargo-test.panic-message',
      near: ["panicked at '"],
      pattern: /^\s{0,12}thread '(?!main')(?<test>[^']{1,300})' panicked at '(?<message>[^']{0,800})$/,
      weight: 91,
      category: 'test_failure',
      subcategory: 'panic_assertion',
      context: { before: 1, after: 5 },
    },
    {
      id: 'rust.panic',
      near: ["thread 'main'"],
      pattern:
        /^\s{0,12}thread 'main' (?:\(\d{1,10}\) )?panicked at (?:'(?<message>.*)', )?(?<file>[^\s:']{1,300}):(?<line>\d{1,7})(?::(?<column>\d{1,6}))?:?$/,
      weight: 76,
      category: null,
      context: { before: 1, after: 6 },
      completes: { within: 3, patterns: PANIC_DETAILS },
      instead: [
        { seen: ['cargo.build-script'], category: 'dependency', subcategory: 'system_dependency_missing' },
        { step: /\btests?\b/i, category: 'test_failure', subcategory: 'crash_panic' },
      ],
    },
    {
      id: 'rustc.ice',
      near: ['internal compiler error', 'the compiler unexpectedly panicked'],
      pattern: /^error: (?<message>internal compiler error.*|the compiler unexpectedly panicked.*)/,
      weight: 93,
      category: 'compile_error',
      subcategory: 'compiler_crash',
    },
    {
      id: 'cargo-test.equality',
      near: ['assertion `', 'assertion failed: '],
      pattern: /^\s{0,8}(?<message>assertion (?:`left \S{2} right` failed.*|failed: .*))/,
      weight: 90,
      category: 'test_failure',
      subcategory: 'panic_assertion',
      context: { before: 2, after: 4 },
    },
    {
      id: 'cargo-test.left',
      near: [' left: '],
      pattern: /^\s{1,4}left: (?<actual>.*)/,
      follows: { tools: ['cargo-test'], lines: 4 },
      weight: 83,
      category: 'test_failure',
    },
    {
      id: 'cargo-test.right',
      near: ['right: '],
      pattern: /^\s{1,4}right: (?<expected>.*)/,
      follows: { tools: ['cargo-test'], lines: 4 },
      weight: 82,
      category: 'test_failure',
    },
    {
      id: 'cargo-test.block',
      near: [' stdout ----', ' stderr ----'],
      pattern: /^---- (?<test>\S.{0,300}?) (?:stdout|stderr) ----$/,
      weight: 70,
      category: 'test_failure',
      context: { before: 0, after: 8 },
    },
    {
      id: 'cargo-test.result',
      near: ['test result: failed'],
      pattern: /^test result: FAILED\./,
      weight: 47,
      category: 'test_failure',
    },
    {
      id: 'cargo-test.signal',
      near: ["process didn't exit successfully"],
      pattern:
        /^\s{0,4}process didn't exit successfully: .{1,600}\((?:signal: \d{1,3}, (?<code>SIG\w{2,8}).*|exit code: 0x[cC]\w{7}.*)\)/,
      weight: 84,
      category: null,
      instead: [{ step: /\btest\b/i, category: 'test_failure', subcategory: 'crash' }],
    },
    {
      id: 'cargo-test.rerun',
      near: ['to rerun pass '],
      pattern: /^error: (?:test|doctest) failed, to rerun pass/,
      weight: 36,
      category: 'test_failure',
    },
    {
      id: 'nextest.failed',
      near: ['fail [', 'sigabrt [', 'sigsegv [', 'timeout [', 'abort ['],
      pattern:
        /^\s{1,14}(?:TRY \d{1,3} )?(?<code>FAIL|SIG[A-Z]{2,6}|TIMEOUT|ABORT) \[\s{0,8}[\d.]{1,12}s\] (?:\(.{1,20}\) )?(?<test>\S.*)/,
      weight: 88,
      category: 'test_failure',
      context: { before: 0, after: 3 },
      test: true,
    },
    {
      id: 'insta.snapshot',
      near: ['snapshot assertion for '],
      pattern: /^(?<message>(?:.{0,80}\b)?snapshot assertion for '.{1,200}' failed.*)/,
      weight: 91,
      category: 'test_failure',
      subcategory: 'snapshot',
      suggestion: 'cargo insta review',
    },
  ],
};
