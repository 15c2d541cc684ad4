import { describe, expect, it } from 'vitest';
import { markedLine, readFirst } from '../../../../test/support/detector-samples.js';
import { analyzeLog } from '../analyze-log.js';

/** A category, and a made-up log of it whose decisive line begins with `> `. */
type Sample = readonly [category: string, ...lines: string[]];

const functional: readonly Sample[] = [
  ['compile_error', '> src/Cart.hs:12:5: error: [GHC-83865]', "    • Couldn't match expected type ‘Int’"],
  [
    'dependency',
    'Error: [Cabal-7107]',
    '> Could not resolve dependencies:',
    '[__0] trying: cart-0.1.0.0 (user goal)',
  ],
  [
    'test_failure',
    '  test/CartSpec.hs:12:5: ',
    '>   1) Cart total',
    '       expected: 3',
    '        but got: 2',
  ],
  ['compile_error', '> ** (CompileError) lib/cart.ex:12: undefined function total/0'],
  [
    'test_failure',
    '>   1) test adds items (Cart.CartTest)',
    '     test/cart_test.exs:12',
    '     Assertion with == failed',
    '     left:  2',
    '     right: 3',
  ],
  ['quality', '> ** (Mix) mix format failed due to --check-formatted.'],
  ['quality', '> ┃ [R] → Modules should have a @moduledoc tag.'],
  ['quality', '> lib/cart.ex:12:7:no_return', 'Function total/1 has no local return.'],
  ['compile_error', '> src/cart.erl:12:5: function total/0 undefined'],
  [
    'compile_error',
    'File "bin/main.ml", line 3, characters 8-11:',
    '3 | let x = total',
    '            ^^^^^',
    '> Error: Unbound value total',
  ],
];

const scripting: readonly Sample[] = [
  [
    'test_failure',
    "> #   Failed test 'adds items'",
    '#   at t/cart.t line 12.',
    "#          got: '2'",
    "#     expected: '3'",
  ],
  [
    'dependency',
    "> Can't locate Cart.pm in @INC (you may need to install the Cart module) at t/cart.t line 3.",
  ],
  [
    'test_failure',
    '> Failure → spec/cart_spec.lua @ 12',
    'cart adds items',
    'spec/cart_spec.lua:13: Expected objects to be equal.',
  ],
  ['quality', ">     src/cart.lua:12:7: unused variable 'total'"],
  [
    'test_failure',
    "> ── Failure ('test-cart.R:12:3'): adds items ─────",
    '`total` (`actual`) not equal to 3 (`expected`).',
    'Error: Test failures',
  ],
  ['dependency', '> Error in loadNamespace(x) : there is no package called ‘cart’'],
  [
    'test_failure',
    '> adds items: Test Failed at /src/test/runtests.jl:12',
    '  Expression: total == 3',
    '   Evaluated: 2 == 3',
  ],
  ['dependency', '> ERROR: Unsatisfiable requirements detected for package Cart [abcdef12]:'],
];

const apple: readonly Sample[] = [
  [
    'test_failure',
    '> ✘ Test total() recorded an issue at CartTests.swift:12:5: Expectation failed: (total → 2) == 3',
  ],
  ['test_failure', '>   ✗ testTotal, XCTAssertEqual failed: ("2") is not equal to ("3")'],
  [
    'quality',
    '> /src/Cart.swift:12:5: error: Force Cast Violation: Force casts should be avoided (force_cast)',
  ],
  ['dependency', "> error: Dependencies could not be resolved because root depends on 'cart' 1.0.0..<2.0.0."],
  [
    'workflow_config',
    '> xcodebuild: error: Unable to find a device matching the provided destination specifier:',
  ],
];

const denoAndOthers: readonly Sample[] = [
  ['compile_error', "> error: TS2322 [ERROR]: Type 'string' is not assignable to type 'number'."],
  ['quality', '> error[no-unused-vars]: `total` is never used', ' --> /src/cart.ts:3:7'],
  ['quality', '> from /src/cart.ts:', '1 | -const total=1', 'error: Found 1 not formatted file in 4 files'],
  ['test_failure', 'adds items ... FAILED (4ms)', '> error: AssertionError: Values are not equal.'],
  ['test_failure', "> error: 'cart.test.total' failed: expected 3, found 2"],
  ['dependency', "> error: hash mismatch in fixed-output derivation '/nix/store/abc-cart.drv':"],
  ['build_config', "> error: undefined variable 'total'"],
  ['dependency', "> ERROR: Missing prebuilt package for 'cart/9.0'"],
  [
    'compile_error',
    '> [error] -- [E006] Not Found Error: /src/Cart.scala:12:4 ',
    '[error] 12 |    totl',
    '[error]    |    Not found: totl',
  ],
  ['quality', "> [warn] /src/Cart.scala isn't formatted properly!", '[error] 1 files must be formatted'],
  ['build_config', "> ERROR: no such package '@@cart//': The repository '@@cart' could not be resolved"],
  ['dependency', '> [PdmUsageError]: The lock file is not compatible with the project'],
];

const tests: readonly Sample[] = [
  [
    'test_failure',
    '> Login works                                                           | FAIL |',
    "Element 'id=welcome' did not appear in 5 seconds.",
  ],
  [
    'test_failure',
    ' #  failure         detail',
    '>  1.  AssertionError  Status is 200',
    '                     expected response to have status code 200 but got 500',
  ],
  [
    'test_failure',
    '> time="now" level=error msg="thresholds on metrics \'http_req_duration\' have been crossed"',
  ],
  ['quality', '>   ✘  categories.performance failure for minScore assertion'],
  ['test_failure', '> failed Total (12ms)', '  Assert.AreEqual failed. Expected:<3>. Actual:<2>.'],
  [
    'test_failure',
    '> error: expect(received).toBe(expected)',
    '',
    'Expected: 3',
    'Received: 2',
    '(fail) cart > adds items [1.23ms]',
  ],
  ['build_config', '> ● Validation Error:', '', '  Module cart-jest in the transform option was not found.'],
  ['compile_error', '> @acme/cart:build: src/cart.ts(12,7): error TS2322: Type is not assignable.'],
  [
    'test_failure',
    'packages/cart test:  FAIL  src/cart.test.ts > cart > adds items',
    '> packages/cart test: AssertionError: expected 2 to be 3',
  ],
  [
    'quality',
    '[@acme/cart]: /src/cart.ts',
    "> [@acme/cart]:   12:7  error  'total' is never used  no-unused-vars",
  ],
  [
    'compile_error',
    'error during build:',
    '> src/cart.ts (3:9): "total" is not exported by "src/util.ts", imported by "src/cart.ts".',
  ],
  [
    'test_failure',
    '> Failed tests:   testTotal(acme.CartTest): expected:<3> but was:<2>',
    'Tests run: 3, Failures: 1, Errors: 0, Skipped: 0',
  ],
  [
    'test_failure',
    '> CartTest[jvm] > total()[jvm] FAILED',
    '    java.lang.AssertionError: Expected <3>, actual <2>.',
  ],
  [
    'test_failure',
    'test cart::total ... FAILED',
    "> thread 'cart::total' panicked at 'assertion failed: `(left == right)`",
    '  left: `2`,',
    " right: `3`', src/cart.rs:12:9",
  ],
  [
    'compile_error',
    ' ERROR  Build failed with 1 errors:',
    '',
    '> [MISSING_EXPORT] "total" is not exported by "src/util.ts".',
  ],
  ['compile_error', "> @parcel/core: Failed to resolve 'cart' from './src/main.js'"],
  [
    'test_failure',
    '> test src/cart.rs - cart::total (line 12) ... FAILED',
    'error[E0425]: cannot find function `total` in this scope',
  ],
];

describe.each([
  ['Haskell, Elixir, Erlang and OCaml', functional],
  ['Perl, Lua, R and Julia', scripting],
  ['Swift and Xcode', apple],
  ['Deno, Zig, Nix, Conan, Scala and Bazel', denoAndOthers],
  ['tests from outside, and relayed ones', tests],
] as const)('%s', (_, samples) => {
  it.each(samples)('is %s: %s', async (category, ...lines) => {
    expect(await readFirst(lines)).toEqual({ line: markedLine(lines), category });
  });
});

describe('a healthy log', () => {
  it.each([
    '3 examples, 0 failures',
    'Result: PASS',
    '* checking tests ... OK',
    '✔ Test total() passed after 0.001 seconds.',
    'adds items ... ok (4ms)',
    'Cart works                                                            | PASS |',
    'File "bin/main.ml", line 3, characters 8-11:',
  ])('is not called failed for “%s”', async (line) => {
    expect((await analyzeLog(`starting\n${line}\ndone\n`)).failed).toBe(false);
  });
});
