import { describe, expect, it } from 'vitest';
import { InvalidInput } from './errors.js';
import { parseRepository, repositoryName } from './repository-ref.js';

describe('parseRepository', () => {
  it.each([
    'octo/widgets',
    'octo/.github',
    'octo-2/wid_gets-',
    'mona_acme/widgets',
    'ghe.example.org/octo/widgets',
    'ghe.example.org:8443/octo/wid.gets',
  ])('reads %s back as it was', (name) => {
    expect(repositoryName(parseRepository(name))).toBe(name);
  });

  it.each([
    '',
    'widgets',
    'a/b/c/d',
    'octo/',
    '/widgets',
    'octo/wid gets',
    '../octo/widgets/..;',
    '../../etc',
    '../etc',
    'octo/..',
    'octo/.',
    './octo/widgets',
    '/octo/widgets',
    '-octo/widgets',
    'oc.to/widgets',
    'octo/wid\0gets',
    'octo/wid\ngets',
    'octo/größe',
  ])('refuses “%s”', (name) => {
    expect(() => parseRepository(name)).toThrow(InvalidInput);
  });
});
