import type { Detector } from './detector.js';

/** Tests in browsers: Playwright, Cypress, WebdriverIO, Karma. */
export const browserTests: Detector = {
  family: 'browser-tests',
  rules: [
    {
      id: 'wdio.worker',
      near: ['@wdio/runner', 'webdriver: '],
      pattern: /ERROR (?:@wdio\/\S{1,40}|webdriver): (?<message>.*)/,
      weight: 90,
      category: 'test_failure',
      subcategory: 'e2e',
      instead: [{ seen: ['wdio.config'], category: 'build_config', subcategory: 'e2e_runner_config' }],
    },
    {
      id: 'wdio.config',
      tool: 'wdio',
      near: ['unknown browser name', 'no specs found', 'missing capabilities'],
      pattern: /(?<message>(?:Unknown browser name|No specs? (?:files? )?found|Missing capabilities).*)/,
      weight: 92,
      category: 'build_config',
      subcategory: 'e2e_runner_config',
    },
    {
      id: 'wdio.timeout',
      tool: 'wdio',
      near: ['still not ', 'waituntil condition timed out'],
      pattern:
        /^\s{0,8}Error: (?<message>(?:element \(".{1,300}"\) still not \w{1,30} after \d{1,8}ms|waitUntil condition timed out.*))/,
      weight: 92,
      category: 'test_failure',
      subcategory: 'e2e_timeout',
    },
    {
      id: 'playwright.test',
      near: [' › ', ' ΓÇ║ '],
      pattern:
        /^\s{0,6}\d{1,4}\) (?:\[[^\]]{1,60}\] (?:›|ΓÇ║) )?(?<test>(?<file>\S{1,200}):(?<line>\d{1,7}):(?<column>\d{1,6}) (?:›|ΓÇ║) .{1,300}?)\s*(?:─|ΓöÇ)*\s*$/,
      weight: 82,
      category: 'test_failure',
      subcategory: 'e2e_assertion',
      context: { before: 0, after: 10 },
      test: true,
    },
    {
      id: 'playwright.error',
      near: ['error: '],
      pattern: /^\s{2,6}(?:Error|TimeoutError|TypeError|ReferenceError): (?<message>.*)/,
      follows: { tools: ['playwright'], lines: 80 },
      weight: 91,
      category: 'test_failure',
      subcategory: 'e2e_assertion',
      context: { before: 2, after: 8 },
    },
    {
      id: 'playwright.timeout',
      near: ['test timeout of', 'timed out '],
      pattern:
        /^\s{0,6}(?:Error: )?(?<message>(?:Test timeout of \d{1,8}ms exceeded|Timed out \d{1,8}ms waiting for).*)/,
      weight: 91,
      category: 'test_failure',
      subcategory: 'e2e_timeout',
      context: { before: 2, after: 8 },
    },
    {
      id: 'playwright.webserver',
      near: ['config.webserver'],
      pattern:
        /Error: (?<message>(?:Process from config\.webServer was not able to start|Timed out waiting \d{1,9}ms from config\.webServer).*)/,
      weight: 84,
      category: 'test_failure',
      subcategory: 'e2e_server',
    },
    {
      id: 'playwright.browser-missing',
      near: ["executable doesn't exist", 'npx playwright install', 'playwright install'],
      pattern:
        /(?<message>Executable doesn't exist at .*|Host system is missing dependencies to run browsers.*)/,
      weight: 94,
      category: 'dependency',
      subcategory: 'browser_missing',
      suggestion: 'npx playwright install --with-deps',
    },
    {
      id: 'playwright.summary',
      near: [' failed', ' flaky'],
      pattern: /^\s{2}[1-9]\d{0,5} failed\s*$/,
      weight: 48,
      category: 'test_failure',
      context: { before: 0, after: 4 },
    },
    {
      id: 'cypress.error',
      near: [
        'cypresserror',
        'timed out retrying',
        'cypress could not',
        'cypress failed',
        'no version of cypress',
      ],
      pattern:
        /(?<message>(?:CypressError: .*|(?:AssertionError: )?Timed out retrying after \d{1,8}ms.*|Cypress (?:could not|failed to) .*|No version of Cypress is installed.*))/,
      weight: 91,
      category: 'test_failure',
      subcategory: 'e2e_assertion',
      context: { before: 3, after: 6 },
    },
    {
      id: 'karma.failed',
      near: [') failed', ') error'],
      pattern: /^\s{0,2}[\w .()-]{3,80} \([\w .-]{2,40}\) (?<test>.{3,300}) FAILED$/,
      weight: 88,
      category: 'test_failure',
      subcategory: 'assertion',
      context: { before: 0, after: 5 },
      test: true,
    },
    {
      id: 'karma.summary',
      near: ['executed '],
      and: ['failed'],
      pattern: /Executed \d{1,6} of \d{1,6} .*\([1-9]\d{0,5} FAILED\)/,
      weight: 55,
      category: 'test_failure',
    },
  ],
};
