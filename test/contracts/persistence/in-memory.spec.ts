import { InMemoryPersistence } from '../../fakes/in-memory-persistence/index.js';
import { TestClock } from './fixtures.js';
import { persistenceContract } from './persistence.contract.js';

persistenceContract('in memory', async () => {
  const clock = new TestClock();
  return Object.assign(new InMemoryPersistence(clock), { clock });
});
