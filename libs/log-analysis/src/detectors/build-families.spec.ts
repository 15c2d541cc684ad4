import { describe, expect, it } from 'vitest';
import { analyzeLog } from '../analyze-log.js';

/** The decisive line of a made-up log (the last string), what stands before it, and what the failure is. */
type Sample = readonly [category: string, ...lines: string[]];

const jvm: readonly Sample[] = [
  ['compile_error', '/src/main/java/shop/Cart.java:12: error: cannot find symbol'],
  ['compile_error', '    [javac] /src/main/java/shop/Cart.java:12: error: cannot find symbol'],
  ['compile_error', '[ERROR] /src/main/java/shop/Cart.java:[12,5] cannot find symbol'],
  ['compile_error', '[ERROR] /src/main/java/shop/Cart.java: warnings found and -Werror specified'],
  ['compile_error', 'e: file:///src/Cart.kt:3:8 Unresolved reference: Total'],
  ['compile_error', 'e: /src/Cart.kt: (3, 8): Unresolved reference: Total'],
  ['compile_error', '[error] /src/Cart.scala:12:5: not found: value total'],
  ['build_config', 'error: invalid target release: 21'],
  ['build_config', 'Unsupported class file major version 65'],
  ['resource_limit', 'java.lang.OutOfMemoryError: Java heap space'],
  [
    'test_failure',
    '[ERROR] Tests run: 4, Failures: 1, Errors: 0, Skipped: 0, Time elapsed: 0.1 s <<< FAILURE! - in shop.CartTest',
  ],
  ['test_failure', 'total(shop.CartTest)  Time elapsed: 0.011 sec  <<< ERROR!'],
  ['test_failure', 'CartTest > totalIsZero() FAILED'],
  ['test_failure', '[info] - should add up *** FAILED ***'],
  [
    'test_failure',
    '[ERROR] The forked VM terminated without saying properly goodbye. VM crash or System.exit called?',
  ],
  [
    'dependency',
    '[ERROR] Failed to execute goal on project shop: Could not resolve dependencies for project a:shop:jar:1: Could not find artifact a:b:jar:2 in central (https://repo.example/maven2)',
  ],
  [
    'dependency',
    '[ERROR] Rule 0: org.apache.maven.enforcer.rules.dependency.DependencyConvergence failed with message:',
  ],
  [
    'network',
    '[ERROR] Failed to execute goal on project shop: Could not transfer artifact a:b:jar:2 from/to central (https://repo.example/maven2): Connect timed out',
  ],
  [
    'auth_permission',
    '[ERROR] Failed to execute goal deploy: Could not transfer artifact a:b:jar:2 from/to x (https://repo.example): status code: 401, reason phrase: Unauthorized (401)',
  ],
  [
    'build_config',
    '[ERROR]   Non-parseable POM /src/pom.xml: end tag name </a> must match start tag name <b>',
  ],
  [
    'workflow_config',
    '[ERROR] The goal you specified requires a project to execute but there is no POM in this directory (/src).',
  ],
  [
    'quality',
    "[ERROR] src/main/java/shop/Cart.java:[12,3] (whitespace) WhitespaceAround: '{' is not preceded with whitespace.",
  ],
  [
    'quality',
    '[ERROR] Failed to execute goal org.codehaus.mojo:findbugs-maven-plugin:3.0.0:check (default) on project shop: failed with 3 bugs and 0 errors -> [Help 1]',
  ],
  [
    'quality',
    '[WARNING] Rule violated for bundle shop: lines covered ratio is 0.61, but expected minimum is 0.80',
  ],
  [
    'build_config',
    '[ERROR] Failed to execute goal a.b:c-maven-plugin:3.1:d (default) on project shop: no such thing -> [Help 1]',
  ],
  [
    'test_failure',
    '[ERROR] Failed to execute goal org.apache.maven.plugins:maven-surefire-plugin:2.21.0:test (default-test) on project shop: There are test failures.',
  ],
];

const gradle: readonly Sample[] = [
  [
    'build_config',
    '* What went wrong:',
    "A problem occurred evaluating project ':app'.",
    "> Could not get unknown property 'x' for project ':app'.",
  ],
  [
    'build_config',
    '* What went wrong:',
    'x',
    "> Failed to apply plugin 'a.b'.",
    '   > Cannot run Project.afterEvaluate(Action) when the project is already evaluated.',
  ],
  ['build_config', "Task 'shipIt' not found in root project 'shop'."],
  ['build_config', "Plugin [id: 'a.b', version: '1'] was not found in any of the following sources:"],
  ['dependency', '> Could not find a.b:c:1.0.'],
  [
    'network',
    "   > Could not GET 'https://repo.example/a.pom'. Received status code 503 from server: Service Unavailable",
  ],
  [
    'auth_permission',
    "   > Could not GET 'https://repo.example/a.pom'. Received status code 401 from server: Unauthorized",
  ],
  ['workflow_config', '/home/x/run.sh: line 1: ./gradlew: Permission denied'],
  [
    'quality',
    '* What went wrong:',
    "Execution failed for task ':checkstyleMain'.",
    '> Checkstyle rule violations were found. See the report at: file:///r.html',
  ],
  ['dependency', '> Duplicate class a.B found in modules c-1.0 (a:c:1.0) and d-1.0 (a:d:1.0)'],
  ['compile_error', 'ERROR: /src/res/values.xml:3:5: AAPT: error: resource color/x not found.'],
  ['build_config', "> Inconsistent JVM-target compatibility detected for tasks 'a' (1.8) and 'b' (17)."],
  [
    'test_failure',
    "Execution failed for task ':test'.",
    '> There were failing tests. See the report at: file:///r.html',
  ],
  [
    'compile_error',
    '* What went wrong:',
    "Execution failed for task ':compileJava'.",
    '> Compilation failed; see the compiler error output for details.',
  ],
];

const native: readonly Sample[] = [
  ['compile_error', 'src/cart.c:12:5: error: ‘total’ undeclared (first use in this function)'],
  ['compile_error', "src/cart.cpp:1:10: fatal error: 'cart.h' file not found"],
  ['compile_error', "src\\cart.cpp(12,5): error C2065: 'total': undeclared identifier"],
  ['compile_error', 'cart.obj : error LNK2019: unresolved external symbol total referenced in function main'],
  ['compile_error', "/usr/bin/ld: cart.c:(.text+0x1f): undefined reference to `total'"],
  ['compile_error', '/usr/bin/ld: cannot find -lcart: No such file or directory'],
  ['resource_limit', 'c++: fatal error: Killed signal terminated program cc1plus'],
  ['test_failure', 'cart_test.cc:12: Failure'],
  ['test_failure', '[  FAILED  ] Cart.Total (1 ms)'],
  ['test_failure', ' 3/12 Test  #3: cart_total .......................***Failed    0.01 sec'],
  ['test_failure', 'cart.cpp:12: FAILED:'],
  ['test_failure', 'FAIL!  : CartTest::total() Compared values are not the same'],
  ['test_failure', '  3/12 shop:cart            FAIL            0.02s   exit status 1'],
  [
    'test_failure',
    '/src/CartTests.swift:12: error: -[Shop.CartTests testTotal] : XCTAssertEqual failed: ("1") is not equal to ("2")',
  ],
  ['test_failure', '==123==ERROR: AddressSanitizer: heap-use-after-free on address 0x1'],
  ['test_failure', "cart: cart.c:12: total: Assertion `n > 0' failed."],
  ['test_failure', 'TEST-UNEXPECTED-FAIL | dom/test_cart.html | total is zero'],
  [
    'dependency',
    'CMake Error at CMakeLists.txt:3 (find_package):',
    '  Could not find a package configuration file provided by "Cart" with any of',
  ],
  ['build_config', 'CMake Error at CMakeLists.txt:3 (add_subdirectory):'],
  ['build_config', "make: *** No rule to make target 'ship'.  Stop."],
  ['build_config', '*** The present kernel configuration has modules disabled.'],
  ['dependency', 'configure: error: libcart was not found'],
  ['build_config', "configure: error: unrecognized option: `--cart'"],
  ['dependency', 'meson.build:3:0: ERROR: Dependency "cart" not found, tried pkgconfig'],
  ['dependency', 'error: Failed build dependencies:'],
  ['quality', 'TEST-UNEXPECTED-ERROR | browser/cart.js:3:4 | Missing semicolon. (semi)'],
  ['dependency', "No matching package to install: 'cart-devel'"],
  ['build_config', '1 out of 3 hunks FAILED -- saving rejects to file cart.c.rej'],
  ['compile_error', 'ERROR: modpost: "total" [drivers/cart.ko] undefined!'],
];

const others: readonly Sample[] = [
  ['compile_error', "/src/Cart.cs(12,5): error CS0103: The name 'total' does not exist [/src/Shop.csproj]"],
  ['quality', '/src/Cart.cs(12,5): error CA1822: Mark members as static [/src/Shop.csproj]'],
  ['quality', '/src/Cart.cs(12,5): error WHITESPACE: Fix whitespace formatting. [/src/Shop.csproj]'],
  [
    'dependency',
    '/src/Shop.csproj : error NU1101: Unable to find package Cart. No packages exist with this id',
  ],
  [
    'network',
    '/src/Shop.csproj : error NU1301: Unable to load the service index for source https://nuget.example/v3/index.json.',
  ],
  ['workflow_config', 'MSBUILD : error MSB1003: Specify a project or solution file.'],
  ['test_failure', '  Failed Shop.Tests.CartTests.Total [11 ms]'],
  ['test_failure', '[xUnit.net 00:00:01.23]     Shop.Tests.CartTests.Total [FAIL]'],
  ['compile_error', "lib/cart.dart:5:8: Error: The getter 'total' isn't defined for the class 'Cart'."],
  ['dependency', "Error: Couldn't resolve the package 'cart' in 'package:cart/cart.dart'."],
  [
    'dependency',
    "Because shop depends on cart ^9.0.0 which doesn't match any versions, version solving failed.",
  ],
  ['quality', "  error • Undefined name 'total' • lib/cart.dart:5:8 • undefined_identifier"],
  ['test_failure', '00:03 +5 -1: Cart adds up [E]'],
  ['compile_error', 'Error (3656): Contract "Cart" should be marked as abstract.'],
  ['dependency', 'Error (6275): Source "lib/cart.sol" not found: File not found.'],
  ['test_failure', '[FAIL: assertion failed: 1 != 2] testTotal() (gas: 123)'],
];

describe.each([
  ['jvm', jvm],
  ['gradle and android', gradle],
  ['native', native],
  ['dotnet, dart and solidity', others],
])('the %s rules', (_, samples) => {
  it.each(samples.map((sample) => [sample.at(-1)!, sample] as const))('name %s', async (decisive, sample) => {
    const [category, ...lines] = sample;
    const log = ['starting', ...lines, 'the end'].join('\n');
    const analysis = await analyzeLog(Buffer.from(log), { knownFailed: true });
    expect(analysis.verdict.category).toBe(category);
    expect(analysis.primary?.text).toBe(decisive.trim());
  });
});

describe('lines of healthy builds', () => {
  it.each([
    '-- Could NOT find Doxygen (missing: DOXYGEN_EXECUTABLE)',
    '[INFO] Tests run: 4, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s - in shop.CartTest',
    '> Task :app:compileDebugKotlin',
    '[INFO] Rule 0: org.apache.maven.enforcer.rules.version.RequireJavaVersion passed',
    '100% tests passed, 0 tests failed out of 94',
    'Formatted 12 files (0 changed) in 0.5 seconds.',
    'Passed!  - Failed:     0, Passed:    12, Skipped:     0, Total:    12',
    '  Passed Shop.Tests.CartTests.Failed_Order_Is_Kept [2 ms]',
    '[       OK ] Cart.Failure (0 ms)',
  ])('say nothing of a failure: %s', async (line) => {
    const analysis = await analyzeLog(Buffer.from(['starting', line, 'the end'].join('\n')));
    expect(analysis.failed).toBe(false);
  });
});
