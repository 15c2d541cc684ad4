import { describe, expect, it } from 'vitest';
import { markedLine, readFirst } from '../../../../test/support/detector-samples.js';
import { analyzeLog } from '../analyze-log.js';

/** A category, and a made-up log of it whose decisive line begins with `> `. */
type Sample = readonly [category: string, ...lines: string[]];

const linters: readonly Sample[] = [
  ['quality', './ci.yml', '>   12:81     error    line too long (120 > 80 characters)  (line-length)'],
  [
    'quality',
    '> .github/workflows/ci.yml:12:9: property "total" is not defined in object type {} [expression]',
  ],
  [
    'quality',
    '> In ship.sh line 12:',
    'echo $total',
    '     ^----^ SC2086 (info): Double quote to prevent globbing.',
  ],
  ['quality', '> ship.sh:12:6: note: Double quote to prevent globbing. [SC2086]'],
  ['quality', '> diff ship.sh.orig ship.sh', '--- ship.sh.orig'],
  ['quality', '> Dockerfile:3 DL3008 warning: Pin versions in apt get install.'],
  ['quality', '> docs/cart.md:3:5 - Unknown word (totl)'],
  ['quality', '> error: `teh` should be `the`', '  --> ./README.md:12:5'],
  ['quality', 'src/cart.c:', '> \t12: Wrong indent style found (tabs instead of spaces)'],
  ['quality', '> yaml[truthy]: Truthy value should be one of [false, true]', 'site.yml:12'],
  ['quality', '> Warning: variable "total" is declared but not used (terraform_unused_declarations)'],
  ['quality', '> k8s/cart.yaml - Deployment cart is invalid: problem validating schema.'],
  ['quality', 'docs/cart.md', ">  12:5  error  Use 'email' instead of 'e-mail'.  Acme.Terms"],
  ['quality', 'openapi.yaml', '>  12:5  error  operation-operationId  Operation must have "operationId".'],
  ['quality', '> proto/cart.proto:12:3:Field "2" on message "Cart" changed type from "int32" to "string".'],
  ['compile_error', '> proto/cart.proto:12:3: Expected ";".'],
  ['quality', '== [models/cart.sql] FAIL', '> L:   3 | P:   5 | LT01 | Expected only single space.'],
  ['quality', '> [error] src/cart.ts: SyntaxError: Unexpected token (3:10)'],
  [
    'dependency',
    'Oops! Something went wrong! :(',
    '> ESLint couldn\'t find the plugin "eslint-plugin-cart".',
  ],
  [
    'build_config',
    'Oops! Something went wrong! :(',
    "> ESLint couldn't find an eslint.config.(js|mjs|cjs) file.",
  ],
];

const native: readonly Sample[] = [
  ['quality', '> src/cart.cc:12:5: error: code should be clang-formatted [-Wclang-format-violations]'],
  ['quality', '> src/cart.cc:12:5: error: use nullptr [modernize-use-nullptr,-warnings-as-errors]'],
  ['quality', '> src/cart.cc:12:5: error: Memory leak: total [memleak]'],
  ['quality', '> src/cart.cc:12:  Lines should be <= 80 characters long  [whitespace/line_length] [2]'],
  ['compile_error', '> src/cart.cc:12:5: error: no member named total [-Werror,-Wcart]'],
];

const scanners: readonly Sample[] = [
  ['quality', '> Total: 2 (HIGH: 1, CRITICAL: 1)'],
  ['quality', '> ✗ Prototype Pollution [High Severity][https://security.example/vuln] in cart@4.17.15'],
  ['auth_permission', '> Authentication error (SNYK-0005)'],
  ['quality', '> ERROR: QUALITY GATE STATUS: FAILED - View details on https://sonar.example/cart'],
  [
    'quality',
    '    src/cart.py',
    '>    ❯❯❱ python.lang.security.audit.exec-detected',
    '          Detected the use of exec().',
  ],
  [
    'quality',
    '> Finding:     TOTAL=REDACTED',
    'RuleID:      generic-total',
    'File:        cart.py',
    'Line:        12',
  ],
  ['quality', '> Dependency review detected vulnerable packages.'],
  [
    'quality',
    'cart  <3.0.3',
    '> Severity: high',
    'Uncontrolled totals in cart - https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
  ],
  [
    'quality',
    '# MISSING COPYRIGHT AND LICENSING INFORMATION',
    '',
    'The following files have no copyright and licensing information:',
    '> * src/cart.ts',
  ],
  ['quality', '> Missing license header in src/cart.ts'],
  ['quality', '>   Package size limit has exceeded by 1.2 kB'],
  ['quality', '>   [✖] https://cart.example/gone → Status: 404'],
  [
    'quality',
    '> diff --git a/gen/cart.ts b/gen/cart.ts',
    'index 1a2b3c4..5d6e7f8 100644',
    '--- a/gen/cart.ts',
  ],
  ['quality', '> No release type found in pull request title "Mend totals".'],
  ['quality', '> ✘ [ERROR] bundle initial exceeded maximum budget. Budget 1.00 MB was not met by 102.34 kB.'],
  ['quality', '> --- failure function_missing: pub fn removed or renamed ---'],
  [
    'quality',
    '> lib/cart.py:12 in public function `total`:',
    '        D103: Missing docstring in public function',
  ],
  ['quality', '> src/Cart.kt:12:5: Line is longer than the maximum line length. [MaxLineLength]'],
  ['quality', '> cart/cart.go:12:5: func total is unused (U1000)'],
  ['quality', '> ❌ Coverage 45.2% is below the required 80%'],
  [
    'quality',
    'Failed to compile.',
    '',
    '[eslint] ',
    'src/cart.tsx',
    ">   Line 12:7:  'total' is never used  no-unused-vars",
  ],
];

const docs: readonly Sample[] = [
  ['quality', '> Warning, treated as error:', '/src/docs/index.rst:12:Unknown directive type "cart".'],
  [
    'quality',
    "> WARNING -  Doc file 'index.md' contains a link 'gone.md', but the target is not found.",
    'Aborted with 1 warnings in strict mode!',
  ],
  ['build_config', '> Error: error building site: "/src/content/cart.md:3:1": failed to extract shortcode'],
  ['build_config', ">   Liquid Exception: Could not locate the included file 'cart.html'."],
  ['compile_error', '> ! Undefined control sequence.'],
];

describe.each([
  ['linters of files', linters],
  ['checkers of C and C++', native],
  ['scanners and gates', scanners],
  ['documentation', docs],
] as const)('%s', (_, samples) => {
  it.each(samples)('is %s: %s', async (category, ...lines) => {
    expect(await readFirst(lines)).toEqual({ line: markedLine(lines), category });
  });
});

describe('a healthy log', () => {
  it.each([
    '12:5  warning  line too long (120 > 80 characters)  (line-length)',
    'Total: 0 (HIGH: 0, CRITICAL: 0)',
    'Your PR title is fine, thank you',
    'leaks found: 0',
    '0 errors, 0 warnings',
    'QUALITY GATE STATUS: PASSED - View details on https://sonar.example/cart',
    'Finding: **/*.md',
    'All files have license headers',
  ])('is not called failed for “%s”', async (line) => {
    expect((await analyzeLog(`starting\n${line}\ndone\n`)).failed).toBe(false);
  });
});
