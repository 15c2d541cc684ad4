import type { Detector } from './detector.js';

/** What a failed test says below its name: its first line, and testify's. */
const GO_TEST_DETAILS = [
  /^\s{2,24}(?<file>[\w./-]{1,200}\.go):(?<line>\d{1,7}): ?(?<message>.*)/,
  /^\s{0,24}Error:\s{2,14}(?<message>\S.*)/,
  /^\s{4,60}expected ?: ?(?<expected>\S.*)/,
  /^\s{4,60}actual {0,3}: ?(?<actual>\S.*)/,
];

/** go test, testify, gotestsum, Ginkgo, Terraform acceptance tests, chainsaw and uptest; Go panics. */
export const goTests: Detector = {
  family: 'go-tests',
  rules: [
    {
      id: 'gotest.failed',
      near: ['--- fail: ', '=== fail: '],
      pattern:
        /^(?:\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d )?\s{0,24}(?:--- FAIL: (?<test>\S{1,300}) \([\d.]{1,12}s\)|=== FAIL: \S{1,200} \S{1,300}.*)/,
      weight: 87,
      category: 'test_failure',
      subcategory: 'assertion',
      context: { before: 5, after: 5 },
      completes: { within: 8, patterns: GO_TEST_DETAILS },
      test: true,
    },
    {
      id: 'gotest.message',
      near: ['_test.go:'],
      pattern:
        /^\s{2,24}(?<file>[\w./-]{1,200}_test\.go):(?<line>\d{1,7}): (?<message>.*(?:[Ee]rror|[Ee]xpect|\bgot\b|\bwant\b|[Ff]ail|[Tt]imeout|[Tt]imed out|[Uu]nexpected|\bmust\b|\bshould\b|mismatch|not equal|!=|invalid|nil).*)/,
      weight: 85,
      category: 'test_failure',
      subcategory: 'assertion',
    },
    {
      id: 'gotest.terraform-step',
      near: ['step '],
      and: [' error: '],
      pattern:
        /^\s{2,24}(?<file>[\w./-]{1,200}\.go):(?<line>\d{1,7}): (?<message>Step \d{1,4}\/\d{1,4} error.*)/,
      weight: 91,
      category: 'test_failure',
      subcategory: 'e2e_assertion',
      context: { before: 1, after: 12 },
      instead: [{ seen: ['gotest.deadline'], category: 'test_failure', subcategory: 'e2e_timeout' }],
    },
    {
      id: 'gotest.deadline',
      near: ['context deadline exceeded', 'timeout while waiting for state'],
      pattern:
        /(?<message>(?:error: )?context deadline exceeded|timeout while waiting for state to become.*)/,
      follows: { tools: ['gotest'], lines: 40 },
      weight: 92,
      category: 'test_failure',
      subcategory: 'e2e_timeout',
    },
    {
      id: 'testify.error',
      tool: 'gotest',
      near: ['error:'],
      pattern: /^\s{0,24}Error:\s{2,14}(?<message>\S.*)/,
      follows: { tools: ['gotest'], lines: 30 },
      weight: 91,
      category: 'test_failure',
      subcategory: 'assertion',
      context: { before: 3, after: 8 },
      completes: { within: 4, patterns: GO_TEST_DETAILS.slice(2) },
    },
    {
      id: 'testify.trace',
      tool: 'gotest',
      near: ['error trace:'],
      pattern: /^\s{0,24}Error Trace:\s{1,12}(?<file>[^\s:]{1,300}):(?<line>\d{1,7})/,
      weight: 80,
      category: 'test_failure',
      subcategory: 'assertion',
      context: { before: 1, after: 8 },
    },
    {
      id: 'gotest.timeout',
      near: ['panic: test timed out after'],
      pattern: /^panic: (?<message>test timed out after .*)/,
      weight: 94,
      category: 'test_failure',
      subcategory: 'test_timeout',
      context: { before: 1, after: 6 },
    },
    {
      id: 'go.panic',
      near: ['panic: ', 'fatal error: '],
      pattern:
        /^(?:panic: (?<message>\S.*)|fatal error: (?<code>concurrent map .*|all goroutines are asleep.*|stack overflow|unexpected signal.*|runtime: .*|out of memory|sync: .*))/,
      weight: 92,
      category: null,
      context: { before: 2, after: 10 },
      instead: [
        { seen: ['gotest.package', 'gotest.failed'], category: 'test_failure', subcategory: 'crash_panic' },
        { step: /\btests?\b/i, category: 'test_failure', subcategory: 'crash_panic' },
      ],
    },
    {
      id: 'go.signal',
      near: ['[signal sig'],
      pattern: /^\[signal (?<code>SIG\w{2,8})[:\s].*/,
      follows: { tools: ['go'], lines: 4 },
      weight: 84,
      category: 'test_failure',
      subcategory: 'crash_panic',
    },
    {
      id: 'go.race',
      near: ['warning: data race'],
      pattern: /^WARNING: DATA RACE$/,
      weight: 90,
      category: 'test_failure',
      subcategory: 'data_race',
      context: { before: 1, after: 12 },
    },
    {
      id: 'gotest.build-failed',
      near: ['[build failed]', '[setup failed]'],
      pattern: /^FAIL\s{1,4}(?<message>\S{1,300} \[(?:build|setup) failed\])$/,
      weight: 62,
      category: 'compile_error',
      subcategory: 'go',
    },
    {
      id: 'gotest.package',
      near: ['fail\t', 'fail  ', 'fail github.com'],
      pattern: /^FAIL\s{1,8}(?<message>[\w.-]{1,100}(?:\/\S{0,250})?)\s{1,8}(?:[\d.]{1,12}s|\(cached\))$/,
      weight: 60,
      category: 'test_failure',
      context: { before: 3, after: 1 },
    },
    {
      id: 'ginkgo.fail',
      near: ['[fail] ', '[failed] ', '[panicked', '[timedout]', 'summarizing '],
      pattern:
        /^\s{0,6}(?:•? ?\[(?:FAIL|FAILED|PANICKED|PANICKED!|TIMEDOUT)\] (?<test>\S.*)|Summarizing \d{1,5} Failures?:)/,
      weight: 86,
      category: 'test_failure',
      context: { before: 1, after: 10 },
      test: true,
    },
    {
      id: 'chainsaw.error',
      near: ['| error |', '| error  |', '| error'],
      pattern:
        /\| (?:\S{1,30} {0,6}\| )?(?<test>[^|]{1,120}?) {0,40}\| (?<code>ASSERT|SCRIPT|APPLY|CREATE|DELETE|ERROR|TRY|CMD|WAIT|PATCH|UPDATE) {1,8}\| ERROR {0,4}\|(?<message>.*)/,
      weight: 89,
      category: 'test_failure',
      subcategory: 'e2e_assertion',
      context: { before: 0, after: 10 },
    },
    {
      id: 'uptest.error',
      near: ['cannot run e2e tests successfully'],
      pattern: /(?<message>error: cannot run e2e tests successfully.*)/,
      weight: 88,
      category: 'test_failure',
      subcategory: 'e2e_assertion',
    },
    {
      id: 'gotest.coverage',
      near: ['below threshold', 'below the threshold'],
      pattern: /^(?<message>.{0,100}?[Cc]overage.{0,120}?below (?:the )?(?:minimum )?threshold.*)/,
      weight: 90,
      category: 'quality',
      subcategory: 'coverage',
    },
  ],
};
