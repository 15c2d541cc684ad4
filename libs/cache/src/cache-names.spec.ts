import { CACHE_OPERATIONS } from '@app/domain';
import { InvalidConfiguration } from '@app/config';
import { describe, expect, it } from 'vitest';
import { CacheNames } from './cache-names.js';
import { CACHE_POLICIES, cachePolicies, ttlVariable } from './cache-policies.js';

const names = new CacheNames('devflowfix', CACHE_POLICIES);

const matched = (name: string): boolean => names.all().some((pattern) => pattern.matches(name));

describe('cache names', () => {
  it('are prefix, namespace and id', () => {
    expect(names.nameOf({ operation: 'github.logs', id: 'octo:app:42' })).toBe(
      'devflowfix:github:logs:octo:app:42',
    );
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
      expect(matched(names.nameOf({ operation, id: 'x' }))).toBe(true);
    for (const name of [
      'devflowfix:lock:x',
      'devflowfix:queue:diagnose',
      'devflowfix:quota:p:llm:2026',
      'x:facets:all',
    ])
      expect(matched(name)).toBe(false);
  });
});

describe('cache policies', () => {
  it('give every operation a namespace of its own', () => {
    const namespaces = CACHE_OPERATIONS.map((operation) => CACHE_POLICIES[operation].namespace);
    expect(new Set(namespaces).size).toBe(CACHE_OPERATIONS.length);
  });

  it('take lifetimes from the environment', () => {
    expect(ttlVariable('llm.root_cause')).toBe('CACHE_TTL_LLM_ROOT_CAUSE_SECONDS');
    const policies = cachePolicies({ llm_root_cause: 5_000 });
    expect(policies['llm.root_cause']).toEqual({ ...CACHE_POLICIES['llm.root_cause'], ttlMs: 5_000 });
    expect(policies['llm.classify']).toEqual(CACHE_POLICIES['llm.classify']);
  });

  it('refuse a lifetime for what does not exist, naming what does', () => {
    expect(() => cachePolicies({ llm_clasify: 1 })).toThrow(InvalidConfiguration);
    expect(() => cachePolicies({ llm_clasify: 1 })).toThrow(
      /CACHE_TTL_LLM_CLASIFY_SECONDS.*CACHE_TTL_LLM_CLASSIFY_SECONDS/s,
    );
  });
});
