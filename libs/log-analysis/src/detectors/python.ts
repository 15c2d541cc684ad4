import type { Detector } from './detector.js';

/**
 * The interpreter itself: tracebacks and what ends them. Frames are findings of little weight, so that the exception
 * below the last frame is known as Python's.
 */
export const python: Detector = {
  family: 'python',
  rules: [
    {
      id: 'python.frame',
      near: ['file "'],
      and: ['", line '],
      pattern: /^\s{0,12}File "(?<file>[^"]{1,400})", line (?<line>\d{1,7})(?:, in .{1,200})?$/,
      weight: 18,
      category: null,
      context: { before: 0, after: 1 },
    },
    {
      id: 'python.traceback',
      near: ['traceback (most recent call last)'],
      pattern: /Traceback \(most recent call last\):/,
      weight: 30,
      category: null,
      context: { before: 1, after: 4 },
    },
    {
      id: 'python.assertion',
      near: ['assertionerror'],
      pattern: /^\s{0,8}(?:[\w.]{1,80}\.)?AssertionError(?:: (?<message>.*)|:?)$/,
      follows: { tools: ['python', 'unittest'], lines: 12 },
      weight: 92,
      category: 'test_failure',
      subcategory: 'assertion',
      context: { before: 6, after: 10 },
    },
    {
      id: 'python.assert-statement',
      near: ['assert '],
      pattern: /^\s{2,8}assert \S.*/,
      after: /^\s{0,8}File "[^"]{1,400}", line \d/,
      weight: 80,
      category: 'test_failure',
      subcategory: 'assertion',
    },
    {
      id: 'python.missing-module',
      near: ['no module named'],
      pattern:
        /^\s{0,8}(?<code>ModuleNotFoundError|ImportError): (?<message>No module named ['"]?[\w.-]{1,120}['"]?.*)/,
      weight: 91,
      category: 'dependency',
      subcategory: 'missing_module',
      context: { before: 5, after: 2 },
    },
    {
      id: 'python.no-module',
      near: ['no module named'],
      pattern: /python[\d.]{0,6}(?:\.exe)?: (?<message>No module named \S{1,120})/,
      weight: 93,
      category: 'dependency',
      subcategory: 'missing_module',
    },
    {
      id: 'python.shared-library',
      near: ['cannot open shared object file', 'dll load failed', 'undefined symbol', 'library not loaded'],
      pattern:
        /^(?:E {1,20})?\s{0,8}(?<code>ImportError|OSError): (?<message>.*(?:cannot open shared object file|DLL load failed|undefined symbol|Library not loaded).*)/,
      weight: 94,
      category: 'dependency',
      subcategory: 'shared_library_missing',
    },
    {
      id: 'python.import',
      near: ['importerror: '],
      pattern: /^\s{0,8}(?<code>ImportError): (?<message>.*)/,
      follows: { tools: ['python', 'unittest'], lines: 6 },
      weight: 88,
      category: 'dependency',
      subcategory: 'import_error',
      instead: [
        {
          seen: ['unittest.test', 'pytest.failed'],
          category: 'test_failure',
          subcategory: 'collection_error',
        },
      ],
    },
    {
      id: 'python.syntax',
      near: ['syntaxerror: ', 'indentationerror: ', 'taberror: '],
      pattern: /^\s{0,8}(?<code>SyntaxError|IndentationError|TabError): (?<message>.*)/,
      follows: { tools: ['python', 'unittest'], lines: 6 },
      weight: 92,
      category: 'compile_error',
      subcategory: 'python_syntax',
      context: { before: 5, after: 1 },
    },
    {
      id: 'python.exception',
      near: ['error: ', 'exception: ', 'error', 'exception'],
      pattern:
        /^\s{0,8}(?<code>(?:[A-Za-z_]\w{0,60}\.){0,8}[A-Z]\w{0,80}(?:Error|Exception|Exit|Timeout|Failure|Warning))(?:: (?<message>.*))?$/,
      follows: { tools: ['python'], lines: 6 },
      weight: 77,
      category: null,
      context: { before: 6, after: 3 },
      instead: [
        {
          seen: ['unittest.test', 'unittest.setup', 'pytest.failed', 'pytest.error', 'doctest.failed'],
          category: 'test_failure',
          subcategory: 'error_in_code',
        },
        {
          step: /\b(?:pytest|unittest|tests?|tox|nox)\b/i,
          category: 'test_failure',
          subcategory: 'error_in_code',
        },
        {
          step: /\bpip3? install\b|\b(?:uv sync|poetry install)\b/,
          category: 'dependency',
          subcategory: 'package_build_failed',
        },
        { step: /\b(?:build|wheel|sdist)\b/i, category: 'build_config', subcategory: 'package_build' },
      ],
    },
    {
      id: 'python.exception-in-test',
      tool: 'unittest',
      near: ['error: ', 'exception: '],
      pattern: /^(?<code>(?:[A-Za-z_]\w{0,60}\.){0,8}[A-Z]\w{0,80}(?:Error|Exception)): (?<message>.*)$/,
      follows: { tools: ['unittest'], lines: 80 },
      weight: 90,
      category: 'test_failure',
      subcategory: 'error_in_code',
      context: { before: 5, after: 3 },
    },
    {
      id: 'python.cannot-open',
      near: ["can't open file"],
      pattern: /python[\d.]{0,6}(?:\.exe)?: (?<message>can't open file .*)/,
      weight: 93,
      category: 'workflow_config',
      subcategory: 'missing_file',
    },
    {
      id: 'django.error',
      near: [
        'django.core.exceptions.',
        'commanderror: ',
        'systemcheckerror',
        'conflicting migrations detected',
      ],
      pattern:
        /^\s{0,4}(?<code>django\.core\.exceptions\.\w{3,60}|CommandError|SystemCheckError|(?:django\.core\.management\.base\.)?(?:SystemCheckError|CommandError)): (?<message>.*)/,
      weight: 88,
      category: null,
      context: { before: 3, after: 6 },
      instead: [
        {
          seen: ['unittest.test', 'pytest.failed', 'pytest.error'],
          category: 'test_failure',
          subcategory: 'error_in_code',
        },
        { step: /\btests?\b/i, category: 'test_failure', subcategory: 'error_in_code' },
        { step: /migrat|check/i, category: 'build_config', subcategory: 'django_configuration' },
      ],
    },
    {
      id: 'django.test-database',
      near: ['got an error creating the test database'],
      pattern: /^(?<message>Got an error creating the test database.*)/,
      weight: 90,
      category: 'test_failure',
      subcategory: 'suite_setup',
    },
  ],
};
