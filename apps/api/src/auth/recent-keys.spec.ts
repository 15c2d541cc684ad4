import { describe, expect, it } from 'vitest';
import type { ApiKey, Clock } from '@app/domain';
import { RecentKeys } from './recent-keys.js';

const KEY: ApiKey = {
  id: 'k1',
  name: 'ci',
  role: 'viewer',
  projectIds: null,
  createdAt: new Date(0),
  lastUsedAt: null,
  revokedAt: null,
};

function world(enabled = true) {
  const state = { now: 0, asked: 0, answer: async (): Promise<ApiKey | null> => KEY };
  const repository = {
    findActiveByHash: () => {
      state.asked += 1;
      return state.answer();
    },
  };
  const clock: Clock = { now: () => new Date(state.now) };
  return { state, keys: new RecentKeys(repository, clock, enabled) };
}

describe('recent keys', () => {
  it('are asked for once by whoever comes within a second, at once or one after another', async () => {
    const { state, keys } = world();
    expect(await Promise.all([keys.find('h'), keys.find('h')])).toEqual([KEY, KEY]);
    state.now = 999;
    expect(await keys.find('h')).toBe(KEY);
    expect(state.asked).toBe(1);
    await keys.find('another');
    expect(state.asked).toBe(2);
  });

  it('are refused a second after they were revoked', async () => {
    const { state, keys } = world();
    await keys.find('h');
    state.answer = async () => null;
    state.now = 1_000;
    expect(await keys.find('h')).toBeNull();
  });

  it('are known as soon as they are made', async () => {
    const { state, keys } = world();
    state.answer = async () => null;
    expect(await keys.find('h')).toBeNull();
    state.answer = async () => KEY;
    expect(await keys.find('h')).toBe(KEY);
  });

  it('are asked for again after an error', async () => {
    const { state, keys } = world();
    state.answer = async () => Promise.reject(new Error('The database is away.'));
    await expect(keys.find('h')).rejects.toThrow('away');
    state.answer = async () => KEY;
    expect(await keys.find('h')).toBe(KEY);
  });

  it('are asked for each time without caching', async () => {
    const { state, keys } = world(false);
    await keys.find('h');
    await keys.find('h');
    expect(state.asked).toBe(2);
  });
});
