import { hashOf } from '@app/cache';
import { describe, expect, it } from 'vitest';
import type { FailureContext } from '@app/domain';
import { failureContext } from '../../../test/support/failure-context.js';
import { normalisedInput } from './normalised-input.js';

const hash = (context: FailureContext) => hashOf(normalisedInput(context));

const similar = {
  incidentId: 'i',
  projectId: 'p',
  score: 0.9,
  category: 'network',
  rootCause: 'x',
  solution: 'y',
  resolved: true,
  verified: false,
} as const;
const withNeighbour = (changed: object) => failureContext({ similar: [{ ...similar, ...changed }] });

describe('normalisedInput', () => {
  it('is equal for two runs of one failure: other times, positions and line numbers', () => {
    expect(hash(failureContext({}, 10))).toBe(hash(failureContext({}, 44)));
  });

  const base = failureContext();
  it.each<[string, Partial<FailureContext>]>([
    ['the workflow', { workflowName: 'Release' }],
    ['the job', { jobName: 'test' }],
    ['the step', { failedStep: 'Run npm test' }],
    ['the signature', { signature: 'another' }],
    ['the evidence', { evidence: [{ ...base.evidence[0]!, text: 'error TS2304: Cannot find name' }] }],
    ["the evidence's ids", { evidence: [{ ...base.evidence[0]!, id: 'E9' }, base.evidence[1]!] }],
    ['a message', { findings: [{ ...base.findings[0]!, message: 'Cannot find name' }] }],
    ['a file', { findings: [{ ...base.findings[0]!, file: 'src/other.ts' }] }],
    ['the excerpt', { excerpt: `${base.excerpt}\n  99 | npm ERR! missing script` }],
    ['a resolved neighbour', { similar: [similar] }],
    ['the verdict', { ruleVerdict: { ...base.ruleVerdict, category: 'quality' } }],
  ])('differs with %s', (_, changed) => {
    expect(hash(failureContext(changed))).not.toBe(hash(base));
  });

  it('does not differ with what no prompt shows: ids, scores, neighbours that are still open', () => {
    expect(hash(withNeighbour({ incidentId: 'j', score: 0.8 }))).toBe(hash(withNeighbour({})));
    expect(hash(withNeighbour({ resolved: false }))).toBe(hash(base));
  });
});
