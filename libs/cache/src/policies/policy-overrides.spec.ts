import { InvalidConfiguration } from '@app/config';
import { CACHE_OPERATIONS } from '@app/domain';
import { describe, expect, it } from 'vitest';
import { CACHE_POLICIES, type CachePolicies } from './cache-policies.js';
import { cachePolicies, policyVariables, problemsOf } from './policy-overrides.js';

const change = (): unknown => cachePolicies({ llm_clasify: { ttlMs: 1 } });

describe('cache policies', () => {
  it('are sound as declared: a namespace each, none that is reserved, lifetimes above 0', () => {
    expect(problemsOf(CACHE_POLICIES)).toEqual([]);
    expect(Object.keys(CACHE_POLICIES).toSorted()).toEqual([...CACHE_OPERATIONS].toSorted());
  });

  it('name what would be wrong', () => {
    const { facets, search } = CACHE_POLICIES;
    const wrong: CachePolicies = {
      ...CACHE_POLICIES,
      facets: { ...facets, namespace: 'search' },
      search: { ...search, ttlMs: 0, graceMs: -1 },
      stats: { ...CACHE_POLICIES.stats, namespace: 'quota:x' },
      project: { ...CACHE_POLICIES.project, scope: 'shared' },
    };
    expect(problemsOf(wrong)).toEqual([
      expect.stringContaining('project: its scope'),
      expect.stringContaining('CACHE_TTL_SEARCH_SECONDS'),
      expect.stringContaining('CACHE_GRACE_SEARCH_SECONDS'),
      expect.stringContaining('share the namespace search'),
      expect.stringContaining('reserved'),
    ]);
  });

  it('take any part from the environment', () => {
    expect(policyVariables('llm.root_cause')).toEqual({
      ttlMs: 'CACHE_TTL_LLM_ROOT_CAUSE_SECONDS',
      graceMs: 'CACHE_GRACE_LLM_ROOT_CAUSE_SECONDS',
      tier: 'CACHE_TIER_LLM_ROOT_CAUSE',
      compress: 'CACHE_COMPRESS_LLM_ROOT_CAUSE',
      enabled: 'CACHE_ENABLED_LLM_ROOT_CAUSE',
    });
    const policies = cachePolicies({ llm_root_cause: { ttlMs: 5_000, tier: 'redis' } });
    const expected = { ...CACHE_POLICIES['llm.root_cause'], ttlMs: 5_000, tier: 'redis' };
    expect(policies['llm.root_cause']).toEqual(expected);
    expect(policies['llm.classify']).toEqual(CACHE_POLICIES['llm.classify']);
  });

  it('refuse a change of what does not exist, naming what does', () => {
    expect(change).toThrow(InvalidConfiguration);
    expect(change).toThrow(/LLM_CLASIFY.*LLM_CLASSIFY/s);
  });
});
