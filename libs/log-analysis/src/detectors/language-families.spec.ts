import { describe, expect, it } from 'vitest';
import { analyzeLog } from '../analyze-log.js';

/** The decisive line of a made-up log (the last string), what stands before it, and what the failure is. */
type Sample = readonly [category: string, ...lines: string[]];

const python: readonly Sample[] = [
  ['test_failure', 'FAILED tests/test_cart.py::test_total[empty] - TypeError: unsupported operand'],
  ['test_failure', 'E       AssertionError: assert 3 == 4'],
  ['test_failure', 'E       assert [1] == [2]'],
  ['test_failure', 'E   sqlalchemy.exc.OperationalError: no such table: carts'],
  ['test_failure', "E       fixture 'client' not found"],
  ['test_failure', 'FAIL: test_total (shop.tests.CartTest.test_total)'],
  [
    'test_failure',
    'Traceback (most recent call last):',
    '  File "a.py", line 3, in test_a',
    'AssertionError: 1 != 2',
  ],
  ['dependency', "E   ModuleNotFoundError: No module named 'yaml'"],
  ['dependency', 'ERROR: No matching distribution found for leftpad==9'],
  ['dependency', '/usr/bin/python3: No module named pytest'],
  ['dependency', 'error: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided.'],
  ['dependency', '  × No solution found when resolving dependencies:'],
  ['dependency', 'ImportError: libGL.so.1: cannot open shared object file: No such file or directory'],
  ['compile_error', '  File "a.py", line 3', '    if x', '        ^', "SyntaxError: expected ':'"],
  ['build_config', "error: Multiple top-level packages discovered in a flat-layout: ['a', 'b']."],
  ['quality', 'shop/cart.py:12:80: E501 line too long (99 > 79 characters)'],
  ['quality', 'shop/cart.py:12:1: C0116: Missing function or method docstring (missing-function-docstring)'],
  [
    'quality',
    'shop/cart.py:12: error: Incompatible return value type (got "int", expected "str")  [return-value]',
  ],
  ['quality', '  /src/shop/cart.py:12:5 - error: "x" is possibly unbound (reportPossiblyUnbound)'],
  ['quality', 'would reformat shop/cart.py'],
  ['quality', 'ERROR: /src/shop/cart.py Imports are incorrectly sorted and/or formatted.'],
  ['quality', 'check yaml...............................................................Failed'],
  ['quality', 'FAIL Required test coverage of 90% not reached. Total coverage: 71.20%'],
];

const rust: readonly Sample[] = [
  ['compile_error', 'error[E0308]: mismatched types'],
  ['compile_error', 'error: expected one of `.` or `;`, found `}`'],
  ['compile_error', 'error: linking with `cc` failed: exit status: 1'],
  ['dependency', 'error: failed to run custom build command for `openssl-sys v0.9.1`'],
  ['dependency', 'error: failed to select a version for `serde`.'],
  ['dependency', "error: 'cargo-clippy' is not installed for the toolchain 'nightly'"],
  [
    'dependency',
    'error: the lock file /src/Cargo.lock needs to be updated but --locked was passed to prevent this',
  ],
  ['build_config', 'error: failed to parse manifest at `/src/Cargo.toml`'],
  ['test_failure', 'test cart::total_is_zero ... FAILED'],
  ['test_failure', 'test total ... FAILED', "thread 'total' panicked at src/cart.rs:12:5:"],
  ['test_failure', '        FAIL [   0.012s] shop cart::total_is_zero'],
  ['quality', 'Diff in /src/cart.rs:12:'],
  [
    'quality',
    '   = note: `-D clippy::needless-return` implied by `-D warnings`',
    'error: unneeded `return` statement',
  ],
  ['quality', 'error[vulnerability]: Potential segfault in the time crate'],
];

const go: readonly Sample[] = [
  ['compile_error', '# example.com/shop', './cart.go:12:5: undefined: total'],
  ['compile_error', 'FAIL\texample.com/shop [build failed]'],
  ['dependency', 'cart.go:4:2: missing go.sum entry for module providing package example.com/a; to add:'],
  ['dependency', 'cart.go:4:2: no required module provides package example.com/a; to add it:'],
  ['test_failure', '--- FAIL: TestTotal (0.00s)'],
  ['test_failure', '    cart_test.go:12: got 3, want 4'],
  ['test_failure', 'panic: test timed out after 10m0s'],
  ['test_failure', 'WARNING: DATA RACE'],
  ['test_failure', '        Error Trace:\t/src/cart_test.go:12', '        Error:      \tNot equal: '],
  ['quality', 'cart.go:12:5: Error return value of `f.Close` is not checked (errcheck)'],
];

const rubyAndPhp: readonly Sample[] = [
  ['test_failure', 'rspec ./spec/cart_spec.rb:12 # Cart is empty at first'],
  ['test_failure', '     Failure/Error: expect(cart.total).to eq(3)'],
  ['test_failure', 'CartTest#test_total [test/cart_test.rb:12]:'],
  [
    'dependency',
    "Could not find gem 'rails (~> 9.0)' in rubygems repository https://gems.example.org/ or installed locally.",
  ],
  ['dependency', 'Your Ruby version is 3.1.0, but your Gemfile specified 3.3.0'],
  ['quality', 'app/cart.rb:12:5: C: [Correctable] Style/StringLiterals: Prefer single-quoted strings'],
  ['test_failure', '1) Tests\\Unit\\CartTest::testTotal'],
  ['test_failure', 'Failed asserting that 3 matches expected 4.'],
  ['compile_error', "PHP Parse error:  syntax error, unexpected '}' in /src/cart.php on line 12"],
  ['dependency', 'Your requirements could not be resolved to an installable set of packages.'],
  ['quality', 'ERROR: UndefinedClass - src/cart.php:12:5 - Class Total does not exist'],
];

describe.each([
  ['Python', python],
  ['Rust', rust],
  ['Go', go],
  ['Ruby and PHP', rubyAndPhp],
] as const)('what %s tools print', (_, samples) => {
  it.each(samples)('is %s', async (category, ...lines) => {
    const analysis = await analyzeLog(['starting', ...lines, ''].join('\n'), { knownFailed: true });
    expect({ line: analysis.primary?.text, category: analysis.verdict.category }).toEqual({
      line: lines.at(-1)?.trim(),
      category,
    });
  });
});

describe('a healthy log', () => {
  it.each([
    'pip install says: packages are checked for known vulnerabilities',
    'test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out',
    'ok  \texample.com/shop\t0.012s',
    'collected 12 items',
    '12 examples, 0 failures',
    'OK (12 tests, 34 assertions)',
    'test cart::error_is_shown ... ok',
    'tests/test_errors.py::test_assertion_error PASSED [ 50%]',
  ])('is not called failed for “%s”', async (line) => {
    expect((await analyzeLog(`starting\n${line}\ndone\n`)).failed).toBe(false);
  });
});
