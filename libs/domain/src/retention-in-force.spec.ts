import { describe, expect, it } from 'vitest';
import { retentionInForce } from './retention-in-force.js';

const general = { logDays: 90, diagnosisDays: 730 };

describe('retentionInForce', () => {
  it.each([
    [{ logDays: null, diagnosisDays: null }, general],
    [
      { logDays: 10, diagnosisDays: null },
      { logDays: 10, diagnosisDays: 730 },
    ],
    [
      { logDays: 1_000, diagnosisDays: 2_000 },
      { logDays: 1_000, diagnosisDays: 2_000 },
    ],
    [
      { logDays: 30, diagnosisDays: 30 },
      { logDays: 30, diagnosisDays: 30 },
    ],
  ])('of %j is %j', (own, inForce) => {
    expect(retentionInForce(own, general)).toEqual(inForce);
  });

  it.each([
    [{ logDays: 0, diagnosisDays: null }, /whole days; this one is 0/],
    [{ logDays: 1.5, diagnosisDays: null }, /1\.5/],
    [{ logDays: null, diagnosisDays: 4_000 }, /1 to 3650/],
    [{ logDays: 20, diagnosisDays: 10 }, /Logs can’t be kept 20 days, since .* kept 10 days\. Set both/],
    [{ logDays: 3_000, diagnosisDays: null }, /kept 730 days, as configured for all projects/],
    [{ logDays: null, diagnosisDays: 30 }, /kept 90 days, as configured for all projects, since/],
  ])('refuses %j', (own, said) => {
    expect(() => retentionInForce(own, general)).toThrow(said);
  });
});
