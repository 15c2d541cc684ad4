/**
 * A process of its own with the database of a data directory open; spawned by specs, told what to do a line each.
 *
 *   open      → `opened host` | `opened guest` | `failed CODE MESSAGE`
 *   role      → `host` | `guest`
 *   write N   → `wrote N` when the project named N is committed
 *   flood N   → `wrote X` for each project that is committed, names beginning with N, until the process is killed
 *   close     → `closed`
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { openPersistence } from '../../../dist/libs/persistence/src/index.js';
import { loadConfig } from '../../../dist/libs/config/src/index.js';

const dataDir = process.argv[2];
const say = (line) => writeSync(1, `${line}\n`);
let persistence = null;

const orders = {
  async open() {
    persistence = await openPersistence(loadConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' }));
    say(`opened ${persistence.isHost ? 'host' : 'guest'}`);
  },
  async role() {
    say(persistence.isHost ? 'host' : 'guest');
  },
  async write(name) {
    await persistence.projects.ensure({ host: 'github.com', owner: 'o', name });
    say(`wrote ${name}`);
  },
  async flood(prefix) {
    const writer = async (lane) => {
      for (let count = 0; ; count++) await orders.write(`${prefix}-${lane}-${count}`);
    };
    await Promise.all([0, 1, 2, 3].map(writer));
  },
  async close() {
    await persistence.close();
    persistence = null;
    say('closed');
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [order, argument] = line.split(' ');
  try {
    await orders[order](argument);
  } catch (error) {
    say(`failed ${error.code} ${error.message.replaceAll('\n', ' ')}`);
  }
}
