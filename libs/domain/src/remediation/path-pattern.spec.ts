import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRepositoryPath, matchesPattern } from './path-pattern.js';

describe('a pattern', () => {
  it.each([
    ['**', 'a/b/c.ts', true],
    ['src/**', 'src/a.ts', true],
    ['src/**', 'src', true],
    ['src/**', 'lib/src/a.ts', false],
    ['**/CODEOWNERS', 'CODEOWNERS', true],
    ['**/CODEOWNERS', 'docs/CODEOWNERS', true],
    ['*.ts', 'a.ts', true],
    ['*.ts', 'src/a.ts', false],
    ['src/*/index.?s', 'src/a/index.js', true],
    ['src/*/index.?s', 'src/a/b/index.js', false],
    ['a+(b)[c].ts', 'a+(b)[c].ts', true],
    ['a.ts', 'aXts', false],
    ['release/*', 'release/1.2', true],
    ['', 'a', false],
  ])('%s on %s: %s', (pattern, path, expected) => {
    expect(matchesPattern(pattern, path)).toBe(expected);
  });

  it('looks at case unless told not to', () => {
    expect(matchesPattern('.github/**', '.GitHub/workflows/ci.yml')).toBe(false);
    expect(matchesPattern('.github/**', '.GitHub/workflows/ci.yml', { ignoreCase: true })).toBe(true);
  });

  it('without wildcards matches itself and nothing else', () => {
    const path = fc.stringMatching(/^[a-z./-]{1,20}$/);
    fc.assert(
      fc.property(path, path, (a, b) => {
        expect(matchesPattern(a, b)).toBe(a === b);
      }),
    );
  });

  it('takes no longer for stars than their number times the path', () => {
    const started = performance.now();
    expect(matchesPattern(`${'*a'.repeat(200)}b`, 'a'.repeat(2_000))).toBe(false);
    expect(matchesPattern(`${'**/'.repeat(200)}b`, 'a/'.repeat(1_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('a path of a repository', () => {
  it.each(['src/a.ts', '.github/workflows/ci.yml', 'a b/ü.md', '.gitignore', 'x/.env'])('is %s', (path) => {
    expect(isRepositoryPath(path)).toBe(true);
  });

  it.each([
    '',
    '/etc/passwd',
    '../x',
    'a/../b',
    './a',
    'a//b',
    'a/',
    '.git/config',
    'x/.GIT/hooks/a',
    'git~1/../x',
    'a\\b',
    'c:/x',
    'a\0b',
    'a\nb',
    'a/..',
    '.git',
    'a/.git~1/b',
    'trailing. ',
    'a\u202eb',
  ])('is not %j', (path) => {
    expect(isRepositoryPath(path)).toBe(false);
  });
});
