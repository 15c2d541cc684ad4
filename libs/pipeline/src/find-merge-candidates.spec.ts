import type { PatternSignature } from '@app/domain';
import { describe, expect, it } from 'vitest';
import { FindMergeCandidates } from './find-merge-candidates.js';

const pattern = (id: string, signature: string): PatternSignature => ({
  id,
  projectId: 'p',
  fingerprint: `f${id}`,
  signature,
  occurrences: 1,
  lastSeenAt: new Date(2026, 1, Number(id)),
});

describe('FindMergeCandidates', () => {
  it('offers what is near, the nearest first, and never the pattern itself', async () => {
    const own = pattern('1', 'error TS2322: Type <str> is not assignable to type <str> in <path>');
    const others = [
      own,
      pattern('2', 'npm ERR! ERESOLVE could not resolve dependency tree'),
      pattern('3', 'error TS2322: Type <str> is not assignable to type <str> in module <path>'),
      pattern('4', own.signature),
    ];
    const find = new FindMergeCandidates({ signatures: async () => others } as never);
    const found = await find.run(own);
    expect(found.map(({ id }) => id)).toEqual(['4', '3']);
    expect(found[0]!.score).toBe(1);
    expect(found[1]!.score).toBeGreaterThan(0.5);
  });
});
