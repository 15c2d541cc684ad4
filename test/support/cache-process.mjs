/**
 * A process of its own with the built product's cache; spawned by specs, told what to do in a line of JSON each:
 * `{"id": 1, "order": "get", "args": [...]}` → `{"id": 1, "answer": ...}`. Argument: the environment as JSON.
 *
 * Loaders announce themselves by `{"event": "loading", ...}`, and take as long as their order says.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { createCache } from '../../dist/libs/cache/src/index.js';
import { loadConfig } from '../../dist/libs/config/src/index.js';
import { Metrics } from '../../dist/libs/telemetry/src/index.js';

const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`);
const warned = [];
const log = {
  debug() {},
  info() {},
  warn: (_fields, event) => void warned.push(event),
  error: (_fields, event) => void warned.push(event),
  child: () => log,
};
const handle = createCache(loadConfig(JSON.parse(process.argv[2])), log, new Metrics());
const { cache } = handle;
let loads = 0;

const loaderOf = (value, takesMs) => async () => {
  loads += 1;
  say({ event: 'loading', value });
  await pause(takesMs);
  return value;
};

const orders = {
  ping: async () => (await cache.ping()).ok,
  get: async (key) => (await cache.get(key)) ?? null,
  set: (key, value) => cache.set(key, value),
  setMany: (entries) => cache.setMany(entries),
  delete: (key) => cache.delete(key),
  deleteByPattern: (operation, glob) => cache.deleteByPattern(operation, glob),
  load: (key, value, takesMs) => cache.getOrLoad(key, loaderOf(value, takesMs)),
  loadInVain: (key, takesMs) =>
    cache.getOrLoad(key, async () => {
      say({ event: 'loading' });
      await pause(takesMs);
      throw new Error('nothing to load');
    }),
  /** Many callers at once; answers how often this process loaded, and the different values they got. */
  async stampede(key, callers, value, takesMs) {
    const before = loads;
    const answers = await Promise.all(
      Array.from({ length: callers }, () => cache.getOrLoad(key, loaderOf(value, takesMs))),
    );
    return { loads: loads - before, values: [...new Set(answers.map((answer) => answer.value))] };
  },
  /** Reads again and again until the value is another; answers after how many milliseconds, and what it is. */
  async untilOther(key, old, limitMs) {
    const startedAt = performance.now();
    for (;;) {
      const value = (await cache.get(key)) ?? null;
      const ms = performance.now() - startedAt;
      if (value !== old || ms > limitMs) return { value, ms, at: Date.now() };
      await pause(1);
    }
  },
  warnings: async () => warned,
  stats: async () => cache.stats(),
  close: () => handle.close(),
};

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, order, args } = JSON.parse(line);
  try {
    say({ id, answer: (await orders[order](...args)) ?? null });
  } catch (error) {
    say({ id, error: error.message });
  }
});
say({ event: 'started' });
