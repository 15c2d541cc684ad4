import { describe, expect, it } from 'vitest';
import { analyzeLog } from '../analyze-log.js';

const ASSERTION = ['FAIL  src/cart.test.ts > cart > rejects', 'AssertionError: expected 2 to be 3', ''];
const BROKEN = (name: string) => [
  `FAIL  src/${name}.test.ts > works`,
  'TypeError: total is not a function',
  '',
];
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];

async function primaryOf(lines: readonly string[]): Promise<string | undefined> {
  return (await analyzeLog(['starting', ...lines, ''].join('\n'), { knownFailed: true })).primary?.text;
}

describe('one message that fails most of the tests', () => {
  it('is read first, though another failed before', async () => {
    expect(await primaryOf([...ASSERTION, ...NAMES.flatMap(BROKEN)])).toBe(
      'TypeError: total is not a function',
    );
  });

  it('is not, when it fails a few', async () => {
    expect(await primaryOf([...ASSERTION, ...NAMES.slice(0, 2).flatMap(BROKEN)])).toBe(
      'AssertionError: expected 2 to be 3',
    );
  });

  it('is shown as the provider marked it', async () => {
    const marked = '##[error]TypeError: total is not a function';
    expect(await primaryOf([...ASSERTION, ...NAMES.flatMap(BROKEN), marked])).toBe(marked);
  });
});
