import { describe, expect, it } from 'vitest';
import type { Rule } from './detector.js';
import { HitStore } from './hit-store.js';
import type { Hit } from './hit.js';

const RULE: Rule = { id: 'tool.error', near: ['error'], pattern: /error/, weight: 90, category: null };

function hit(no: number, step: number, text = `error ${no}`): Hit {
  return { rule: RULE, no, step, text, body: text, weight: 90, fields: {}, annotated: false };
}

function numbers(store: HitStore): number[] {
  return store.all().map(({ no }) => no);
}

describe('HitStore', () => {
  it('keeps the first hits of a step and the latest, in log order', () => {
    const store = new HitStore();
    for (let no = 1; no <= 1_000; no += 1) store.add(hit(no, 0));
    const kept = numbers(store);
    expect(kept.slice(0, 60)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(kept.slice(60)).toEqual(Array.from({ length: 10 }, (_, i) => i + 991));
  });

  it('keeps both ends of a log with hits in a hundred thousand steps, and little between', () => {
    const store = new HitStore();
    for (let no = 1; no <= 100_000; no += 1) store.add(hit(no, no));
    const kept = numbers(store);
    expect(kept.length).toBeLessThanOrEqual(8_000);
    expect(kept[0]).toBe(1);
    expect(kept.at(-1)).toBe(100_000);
  });

  it('counts characters, not only hits', () => {
    const store = new HitStore();
    const long = 'error '.repeat(5_000);
    for (let no = 1; no <= 3_000; no += 1) store.add(hit(no, no, long));
    const chars = store.all().reduce((sum, { text }) => sum + text.length, 0);
    expect(chars).toBeLessThan(8_100_000);
    expect(numbers(store).at(-1)).toBe(3_000);
  });
});
