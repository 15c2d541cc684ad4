import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CACHE_POLICIES } from './cache-policies.js';
import { policiesPage } from './policies-page.js';

describe('docs/cache-policies.md', () => {
  it('is what the policies say; npm run docs:cache writes it anew', () => {
    const page = readFileSync(new URL('../../../../docs/cache-policies.md', import.meta.url), 'utf8');
    expect(page).toBe(policiesPage());
  });

  it('shows a changed policy', () => {
    const facets = { ...CACHE_POLICIES.facets, ttlMs: 90_000, graceMs: 0, tier: 'memory' as const };
    expect(policiesPage({ ...CACHE_POLICIES, facets })).toMatch(
      /`facets` +\| `facets:\{scope\}:\{filter_hash\}` +\| 90 s +\| – +\| memory/,
    );
  });
});
