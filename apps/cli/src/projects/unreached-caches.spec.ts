import { expect, it } from 'vitest';
import { mayLeaveCaches } from './unreached-caches.js';

const memory = { cache: { enabled: true, backend: 'memory' as const } };

it('refuses to erase beside a server whose cache nothing reaches, and says what to do', () => {
  expect(() => mayLeaveCaches({ mode: 'embedded', isHost: false }, memory, 'the-id')).toThrow(
    /Nothing was erased.*DELETE \/api\/v1\/projects\/the-id .*stop it first/,
  );
});

it.each([
  ['nobody else runs', { mode: 'embedded', isHost: true }, memory],
  ['Redis is shared', { mode: 'embedded', isHost: false }, { cache: { enabled: true, backend: 'two_tier' } }],
  [
    'nothing is cached',
    { mode: 'embedded', isHost: false },
    { cache: { enabled: false, backend: 'memory' } },
  ],
] as const)('leaves nothing behind when %s', (_, persistence, config) => {
  expect(mayLeaveCaches(persistence, config, 'the-id')).toBe(false);
});

it('can’t tell who else runs on a database server', () => {
  expect(mayLeaveCaches({ mode: 'server', isHost: false }, memory, 'the-id')).toBe(true);
});
