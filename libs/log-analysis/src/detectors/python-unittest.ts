import type { Detector } from './detector.js';

/** unittest, nose, doctest, behave, tox and nox, coverage gates. */
export const pythonUnittest: Detector = {
  family: 'python-unittest',
  rules: [
    {
      id: 'coverage.fail-under',
      near: ['required test coverage of', 'coverage failure: total of', 'less than fail-under'],
      pattern:
        /(?<message>(?:FAIL )?Required test coverage of [\d.]{1,8}% not reached.*|Coverage failure: total of .*)/,
      weight: 84,
      category: 'quality',
      subcategory: 'coverage',
    },
    {
      id: 'unittest.share-failed',
      near: [' test cases failed', ' tests failed'],
      pattern:
        /^(?:SUMMARY\s{1,4})?[1-9]\d{0,6}\/\d{1,7} (?:tasks and \d{1,7}\/\d{1,7} )?(?:test cases|tests) failed\b/,
      weight: 44,
      category: 'test_failure',
    },
    {
      id: 'unittest.test',
      near: ['fail: ', 'error: '],
      pattern:
        /^(?:FAIL|ERROR): (?<test>\w{1,200} \([\w.<>]{1,300}\)(?: \[.{1,200}\])?|(?:\w{1,80}\.){2,10}\w{1,200}(?:\(.{0,200}\))?)$/,
      weight: 87,
      category: 'test_failure',
      subcategory: 'assertion',
      context: { before: 1, after: 8 },
      test: true,
    },
    {
      id: 'unittest.setup',
      near: ['error: setupclass', 'error: setupmodule', 'unittest.loader._failedtest', 'error: failure: '],
      pattern:
        /^ERROR: (?<test>(?:setUp|tearDown)(?:Class|Module) \(.{1,300}\)|Failure: \w{3,60} \(.{1,300}\)|.{1,200} \(unittest\.loader\._FailedTest.{0,200}\))$/,
      weight: 88,
      category: 'test_failure',
      subcategory: 'collection_error',
      context: { before: 1, after: 8 },
      test: true,
    },
    {
      id: 'unittest.summary',
      near: ['failed (failures', 'failed (errors', 'failed (unexpected', 'failed (skip', 'failed ('],
      pattern:
        /^FAILED \((?:\w{1,12} ?=\d{1,6}(?:, )?){1,6}\)$|^FAILED \((?:failures|errors|SKIP|skipped|expected failures)=/,
      weight: 48,
      category: 'test_failure',
    },
    {
      id: 'doctest.failed',
      near: ['failed example:'],
      pattern: /^Failed example:$/,
      weight: 88,
      category: 'test_failure',
      subcategory: 'doctest',
      context: { before: 2, after: 8 },
    },
    {
      id: 'behave.assertion',
      near: ['assertion failed: ', 'assert failed: '],
      pattern: /^\s{0,12}(?:Assertion Failed|ASSERT FAILED): (?<message>.*)/,
      weight: 90,
      category: 'test_failure',
      subcategory: 'assertion',
      context: { before: 3, after: 5 },
    },
    {
      id: 'behave.failing',
      near: ['failing scenarios:'],
      pattern: /^\s{0,6}Failing scenarios:/,
      weight: 62,
      category: 'test_failure',
      context: { before: 2, after: 6 },
    },
    {
      id: 'tox.result',
      near: ['invocationerror for command', ': fail code', ': failed with ', ': commands failed', 'nox > '],
      pattern:
        /^(?:ERROR: InvocationError for command .*|\s{0,4}\S{1,60}: FAIL code \d{1,3}.*|nox > (?:\* )?.{0,200}(?: failed|: failed)\.?.*|ERROR: {1,4}\S{1,60}: commands failed)$/,
      weight: 30,
      category: null,
    },
  ],
};
