import type { Detector } from './detector.js';

/** The exception that stands below the name of a failed test. */
const THROWN =
  /^\s{0,12}(?<message>(?:[a-z][\w$]{0,60}\.){1,12}[A-Z][\w$]{0,120}(?:Exception|Error|Failure|Failed|Mismatch)\w{0,20}(?:: .*)?)$/;

/** Surefire and failsafe, Gradle's test task, JUnit, TestNG, ScalaTest, JaCoCo. */
export const jvmTests: Detector = {
  family: 'jvm-tests',
  rules: [
    {
      id: 'surefire.class',
      near: ['<<< failure!', '<<< error!'],
      pattern:
        /^(?:\[ERROR\] )?(?<message>Tests run: {1,4}\d{1,7}, .{1,120}<<< (?:FAILURE|ERROR)!)(?: --?-? in (?<test>\S{1,300}))?/,
      weight: 91,
      category: 'test_failure',
      subcategory: 'assertion',
      context: { before: 1, after: 3 },
      completes: { within: 3, patterns: [THROWN] },
      test: true,
    },
    {
      id: 'surefire.test',
      near: ['<<< failure!', '<<< error!'],
      pattern:
        /^(?:\[ERROR\] )?\s{0,4}(?<test>[^\s].{1,400}?) {1,3}(?:-- )?Time elapsed: [\d.,]{1,12} ?s(?:ec)?\s{1,3}<<< (?:FAILURE|ERROR)!/,
      unless: /Tests run:/,
      weight: 90,
      category: 'test_failure',
      subcategory: 'assertion',
      context: { before: 0, after: 5 },
      completes: { within: 2, patterns: [THROWN] },
      test: true,
    },
    {
      id: 'surefire.exception',
      near: ['exception', 'error: ', 'error', 'failure: '],
      pattern:
        /^(?<code>(?:[a-z][\w$]{0,60}\.){1,12}[A-Z][\w$]{0,120}(?:Exception|Error|Failure|Failed|Mismatch\w{0,20}))(?:: ?(?<message>.*))?$/,
      follows: { tools: ['surefire'], lines: 3 },
      weight: 86,
      category: 'test_failure',
      context: { before: 1, after: 4 },
    },
    {
      id: 'surefire.list',
      near: ['[error] failures:', '[error] errors:', 'failed tests:', 'tests in error:'],
      pattern: /^(?:\[ERROR\] )?(?:Failures|Errors|Failed tests|Tests in error): ?/,
      weight: 44,
      category: 'test_failure',
      context: { before: 0, after: 4 },
    },
    {
      id: 'surefire.listed',
      near: ['[error]   '],
      pattern:
        /^\[ERROR\] {2,4}(?<test>[\w$.]{2,200}(?:[.:>-]{1,3}[\w$<>[\]{}(),= ]{1,120}){1,6}?):(?<line>\d{1,7})(?:->\S{1,300})? (?<message>.*)/,
      weight: 82,
      category: 'test_failure',
      subcategory: 'assertion',
      context: { before: 0, after: 2 },
    },
    {
      // before version 2.19 the list gave the class in brackets
      id: 'surefire.listed-class',
      tool: 'surefire',
      near: ['failed tests: ', 'tests in error: '],
      pattern:
        /^(?:Failed tests|Tests in error): {1,4}(?<test>[\w$]{1,200}\([\w$.]{2,300}\)): ?(?<message>.*)/,
      weight: 84,
      category: 'test_failure',
      subcategory: 'assertion',
      context: { before: 0, after: 3 },
    },
    {
      id: 'surefire.summary',
      near: ['tests run:'],
      pattern:
        /^(?:\[ERROR\] )?Tests run: {1,4}\d{1,7}, {1,4}Failures: {1,4}(?:[1-9]\d{0,6}, {1,4}Errors: {1,4}\d{1,7}|0, {1,4}Errors: {1,4}[1-9]\d{0,6}), {1,4}Skipped: {1,4}\d{1,7}$/,
      weight: 46,
      category: 'test_failure',
      context: { before: 1, after: 1 },
    },
    {
      id: 'surefire.forked-vm',
      near: [
        'the forked vm terminated',
        'there was a timeout or other error in the fork',
        'there was an error in the forked process',
      ],
      pattern:
        /(?<message>The forked VM terminated without.*|There was a timeout or other error in the fork.*|There was an error in the forked process.*)/,
      weight: 84,
      category: 'test_failure',
      subcategory: 'crash',
    },
    {
      id: 'gradle-test.failed',
      tool: 'gradle-test',
      near: [' failed'],
      and: [' > '],
      pattern:
        /^(?:\[\w{1,20}\] )?(?<test>[A-Za-z_$][\w$.]{1,300}(?:\[\w{1,40}\])? > .{1,400}?) FAILED\s{0,4}$/,
      weight: 90,
      category: 'test_failure',
      subcategory: 'assertion',
      context: { before: 0, after: 6 },
      completes: {
        within: 2,
        patterns: [THROWN, /^\s{2,8}\S{1,200} at (?<file>[\w$.-]{1,120}):(?<line>\d{1,7})$/],
      },
      test: true,
    },
    {
      id: 'gradle-test.exception',
      near: ['exception', 'error', 'failure'],
      pattern:
        /^\s{2,8}(?<code>(?:[a-z][\w$]{0,60}\.){1,12}[A-Z][\w$]{0,120})(?:: (?<message>.*)| at (?<file>[\w$.-]{1,120}):(?<line>\d{1,7}))?$/,
      follows: { tools: ['gradle-test'], lines: 3 },
      weight: 86,
      category: 'test_failure',
      context: { before: 1, after: 4 },
    },
    {
      id: 'gradle-test.summary',
      near: ['tests completed'],
      pattern: /^\d{1,7} tests? completed, [1-9]\d{0,6} failed/,
      weight: 46,
      category: 'test_failure',
    },
    {
      id: 'gradle-test.report',
      near: ['there were failing tests'],
      pattern: /There were failing tests\. See the (?:report|results) at/,
      weight: 57,
      category: 'test_failure',
    },
    {
      id: 'junit.console',
      near: ['junit ', 'methodsource', '=> '],
      pattern: /^\s{4,12}=> (?<message>[\w$.]{3,200}(?:Error|Exception|Failure)\w{0,20}(?:: .*)?)$/,
      weight: 88,
      category: 'test_failure',
      context: { before: 3, after: 4 },
    },
    {
      id: 'testng.failed',
      near: ['failed: '],
      pattern: /^FAILED: (?<test>[\w$.]{2,300}(?:\(.{0,300}\))?)$/,
      weight: 84,
      category: 'test_failure',
      context: { before: 0, after: 5 },
      test: true,
    },
    {
      id: 'scalatest.failed',
      near: ['*** failed ***'],
      pattern: /^(?:\[info\] )?\s{0,12}(?:- )?(?<test>.{1,400}?) \*\*\* FAILED \*\*\*/,
      unless: /^\s{0,4}\*\*\* \d/,
      weight: 90,
      category: 'test_failure',
      context: { before: 1, after: 4 },
      test: true,
    },
    {
      id: 'munit.failed',
      near: ['==> x '],
      pattern: /^(?:\[\w{1,10}\] )?==> X (?<test>.{1,300}?)(?:  \d.*)?$/,
      weight: 89,
      category: 'test_failure',
      context: { before: 0, after: 8 },
      test: true,
    },
    {
      id: 'sbt.failed-tests',
      near: ['[error] failed tests:', '[error] failed: total'],
      pattern: /^\[error\] Failed(?: tests:|: Total .*)/,
      weight: 46,
      category: 'test_failure',
    },
    {
      id: 'spring.context',
      near: ['failed to load applicationcontext', 'application failed to start'],
      pattern: /(?<message>Failed to load ApplicationContext.*|APPLICATION FAILED TO START)/,
      weight: 80,
      category: null,
      context: { before: 0, after: 8 },
    },
    {
      id: 'jacoco.threshold',
      near: ['rule violated for '],
      pattern: /(?<message>Rule violated for (?:bundle|package|class|sourcefile|method) .*)/,
      weight: 93,
      category: 'quality',
      subcategory: 'coverage',
    },
  ],
};
