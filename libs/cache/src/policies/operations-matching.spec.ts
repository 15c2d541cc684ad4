import { CACHE_OPERATIONS } from '@app/domain';
import { describe, expect, it } from 'vitest';
import { operationsIn, operationsMatching } from './operations-matching.js';

const named = (pattern: string): string[] =>
  operationsMatching(pattern).map(({ operation, glob }) => `${operation} ${glob}`);

describe('a pattern over the keys of the cache', () => {
  it('names the entries of one namespace', () => {
    expect(named('facets:*')).toEqual(['facets *']);
    expect(named('github:logs:octo:app:4?')).toEqual(['github.logs octo:app:4?']);
    expect(named('llm:classify:gpt*')).toEqual(['llm.classify gpt*']);
  });

  it('names every namespace that a star stands for', () => {
    expect(named('llm:*')).toEqual(expect.arrayContaining(['llm.classify *', 'llm.chat *']));
    expect(named('github:*:octo:app:*')).toEqual(
      expect.arrayContaining(['github.logs octo:app:*', 'github.file octo:app:*']),
    );
    expect(named('github:*:octo:app:*').every((part) => part.startsWith('github.'))).toBe(true);
    expect(operationsMatching('*').map(({ operation }) => operation)).toEqual([...CACHE_OPERATIONS]);
  });

  it('is of no entry when its namespace is of none', () => {
    for (const pattern of ['queue:*', 'lock:x', 'face*', 'facets', 'quota:*', ''])
      expect(named(pattern)).toEqual([]);
  });
});

describe('a namespace', () => {
  it('is all that lies below it', () => {
    expect(operationsIn('agents').map(({ operation }) => operation)).toEqual(['agents', 'agents.list']);
    expect(operationsIn('llm:chat').map(({ operation }) => operation)).toEqual(['llm.chat']);
    for (const unknown of ['queue', 'lock', 'll', '']) expect(operationsIn(unknown)).toEqual([]);
  });
});
