import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IllegalTransition } from './errors.js';
import { INCIDENT_STATUSES, assertMove, canMove, sourcesOf } from './incident-status.js';

const status = fc.constantFrom(...INCIDENT_STATUSES);

describe('incident status', () => {
  it('allows exactly the moves that sourcesOf names; the others throw', () => {
    fc.assert(
      fc.property(status, status, (from, to) => {
        expect(sourcesOf(to).includes(from)).toBe(canMove(from, to));
        if (canMove(from, to)) assertMove(from, to);
        else expect(() => assertMove(from, to)).toThrow(IllegalTransition);
      }),
    );
  });

  it('lets every status but received be reopened, and nothing be diagnosed that no worker took', () => {
    for (const from of INCIDENT_STATUSES) expect(canMove(from, 'received')).toBe(from !== 'received');
    expect(sourcesOf('diagnosed')).not.toContain('received');
  });

  it('never remediates what was not diagnosed', () => {
    expect(sourcesOf('remediating').toSorted()).toEqual(['awaiting_approval', 'diagnosed']);
  });
});
