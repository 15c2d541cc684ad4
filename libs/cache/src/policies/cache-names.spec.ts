import { CACHE_OPERATIONS, SCOPED_OPERATIONS, type CacheKey } from '@app/domain';
import { describe, expect, it } from 'vitest';
import { CacheNames } from './cache-names.js';
import { CACHE_POLICIES } from './cache-policies.js';

const names = new CacheNames('devflowfix', CACHE_POLICIES);

const matched = (name: string): boolean => names.all().some((pattern) => pattern.matches(name));

describe('cache names', () => {
  it('are prefix, namespace and id', () => {
    expect(names.nameOf({ operation: 'github.logs', scope: 'octo:app', id: '42' })).toBe(
      'devflowfix:github:logs:octo:app:42',
    );
  });

  it('say whose the value is wherever the policy says that it is somebody’s', () => {
    for (const operation of SCOPED_OPERATIONS) {
      expect(names.nameOf({ operation, scope: 'mine', id: 'x' })).toBe(
        `devflowfix:${CACHE_POLICIES[operation].namespace}:mine:x`,
      );
      for (const scope of [undefined, ''])
        expect(() => names.nameOf({ operation, scope, id: 'x' } as CacheKey)).toThrow(/whose its value is/);
    }
    expect(names.nameOf({ operation: 'agents', id: 'x' })).toBe('devflowfix:agents:x');
  });

  it('hold no braces, which would choose the slot of a cluster', () => {
    expect(names.nameOf({ operation: 'facets', scope: 's{c}', id: 'a{b}c' })).toBe(
      'devflowfix:facets:s%7Bc%7D:a%7Bb%7Dc',
    );
    expect(names.matching('facets', 'a{b}*').matches('devflowfix:facets:a%7Bb%7Dc')).toBe(true);
  });

  it('know the innermost namespace they are in', () => {
    expect(names.namespaceOf('devflowfix:agents:list:x').namespace).toBe('agents:list');
    expect(names.namespaceOf('devflowfix:agents:').namespace).toBe('agents');
    expect(() => names.namespaceOf('devflowfix:queue:x')).toThrow(/no cache entry/);
  });

  it('match a glob in which only * and ? are special', () => {
    const pattern = names.matching('github.repo', 'octo[1]:a?p.*');
    expect(pattern.matches('devflowfix:github:repo:octo[1]:app.x:y\nz')).toBe(true);
    expect(pattern.matches('devflowfix:github:repo:octo1:app.x')).toBe(false);
    expect(pattern.matches('devflowfix:github:repo:octo[1]:appx')).toBe(false);
    expect(pattern.matches('other:devflowfix:github:repo:octo[1]:app.x')).toBe(false);
    expect(pattern.forRedis()).toBe(String.raw`devflowfix:github:repo:octo\[1\]:a?p.*`);
  });

  it('cover every operation together, and neither queues, locks nor quotas', () => {
    for (const operation of CACHE_OPERATIONS)
      expect(matched(names.nameOf({ operation, scope: 'all', id: 'x' } as CacheKey))).toBe(true);
    for (const name of [
      'devflowfix:lock:x',
      'devflowfix:queue:diagnose',
      'devflowfix:quota:p:llm:2026',
      'x:facets:all',
    ])
      expect(matched(name)).toBe(false);
  });
});
