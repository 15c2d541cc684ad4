import { describe, expect, it } from 'vitest';
import { analyzeLog } from '../analyze-log.js';

const analysed = (...lines: readonly string[]) =>
  analyzeLog(['starting', ...lines, ''].join('\n'), { knownFailed: true });

describe('a line that another announces', () => {
  const HEADER = 'error during build:';

  it('is the finding, whatever its words', async () => {
    expect((await analysed(HEADER, 'the widgets of cart.vue are odd')).primary?.text).toBe(
      'the widgets of cart.vue are odd',
    );
  });

  it('is not looked for farther down than the rule says', async () => {
    const analysis = await analysed(HEADER, '', '', '', 'the widgets of cart.vue are odd');
    expect(analysis.primary?.text).toBe(HEADER);
  });

  it('gives way to a heavier rule on the same line', async () => {
    const analysis = await analysed(HEADER, 'src/cart.ts(12,7): error TS2322: Type is not assignable.');
    expect(analysis.findings[0]).toMatchObject({ tool: 'tsc', code: 'TS2322' });
  });
});

describe('a finding that lines below complete', () => {
  const lines = ['--- FAIL: TestTotal (0.00s)', '    cart_test.go:12: the sum is off', 'ok'];

  it('has the fields of both', async () => {
    expect((await analysed(...lines)).findings[0]).toMatchObject({
      testName: 'TestTotal',
      file: 'cart_test.go',
      line: 12,
      message: 'the sum is off',
    });
  });

  it('takes nothing from lines beyond its reach', async () => {
    const far = [lines[0]!, ...Array.from({ length: 12 }, () => 'working'), lines[1]!];
    expect((await analysed(...far)).findings[0]?.file).toBeUndefined();
  });
});

describe('a finding under a heading', () => {
  it('has the file that the nearest heading names', async () => {
    const analysis = await analysed(
      '/src/util.ts',
      "  1:1  warning  'a' is never used  no-unused-vars",
      '/src/cart.ts',
      "  12:7  error  'total' is never used  no-unused-vars",
    );
    expect(analysis.findings[0]).toMatchObject({ file: '/src/cart.ts', line: 12 });
  });
});

describe('a line that withdraws findings', () => {
  const FAILED = 'fatal: [web1]: FAILED! => {"msg": "the first"}';
  const ANOTHER = 'fatal: [web2]: FAILED! => {"msg": "the second"}';

  it('takes back the one above it, and no other', async () => {
    expect((await analysed(FAILED, '...ignoring', 'working', 'working', ANOTHER)).primary?.text).toBe(
      ANOTHER,
    );
    expect((await analysed(FAILED, ANOTHER)).primary?.text).toBe(FAILED);
  });

  it('takes back a bundler’s warnings when the build went on behind them', async () => {
    const warned = ' ⚠ Compiled with warnings';
    const missing = "Module not found: Can't resolve 'till' in '/app/src'";
    const wrong = "Type error: Type 'string' is not assignable to type 'number'.";
    const failed = ['', 'Failed to compile.', '', './src/cart.ts:3:9', wrong];
    const wentOn = '   Linting and checking validity of types ...';
    expect((await analysed(warned, '', './src/pay.ts', missing, wentOn, ...failed)).primary?.text).toBe(
      wrong,
    );
    expect((await analysed('Failed to compile.', '', './src/pay.ts', missing)).primary?.text).toBe(missing);
  });
});

const report = (peer: string) => [
  'npm error ERESOLVE could not resolve',
  'npm error While resolving: cart-view@2.0.0',
  'npm error Found: cart@3.0.0',
  `npm error peer ${peer}@"^1.0.0" from cart-view@2.0.0`,
];

describe('fingerprints of completed findings', () => {
  it('differ by what the lines below say', async () => {
    const [one, same, other] = await Promise.all([
      analysed(...report('cart')),
      analysed('working', ...report('cart')),
      analysed(...report('total')),
    ]);
    expect(same.fingerprint).toBe(one.fingerprint);
    expect(other.fingerprint).not.toBe(one.fingerprint);
  });
});
