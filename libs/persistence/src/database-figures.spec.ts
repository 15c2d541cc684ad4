import { describe, expect, it } from 'vitest';
import { DatabaseFigures } from './database-figures.js';

describe('DatabaseFigures', () => {
  it('adds up by statement, those that took most altogether first', () => {
    const figures = new DatabaseFigures();
    for (const ms of [1, 2, 3]) figures.add('SELECT\n  1', ms);
    figures.add('SELECT 2', 10);
    const { queries, totalMs, slowest } = figures.report(5);
    expect([queries, totalMs]).toEqual([4, 16]);
    expect(slowest).toEqual([
      { statement: 'SELECT 2', count: 1, totalMs: 10, meanMs: 10, maxMs: 10 },
      { statement: 'SELECT 1', count: 3, totalMs: 6, meanMs: 2, maxMs: 3 },
    ]);
    expect(figures.report(1).slowest).toHaveLength(1);
  });

  it('tells a bounded number of statements apart, and counts the others together', () => {
    const figures = new DatabaseFigures();
    for (let index = 0; index < 700; index += 1) figures.add(`SELECT ${index}`, 1);
    const { queries, slowest } = figures.report(1_000);
    expect(queries).toBe(700);
    expect(slowest[0]).toMatchObject({ statement: '(other statements)', count: 200 });
    expect(slowest).toHaveLength(501);
  });
});
