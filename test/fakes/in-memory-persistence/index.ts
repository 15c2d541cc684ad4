export { InMemoryPersistence } from './in-memory-persistence.js';
export { MemoryStore } from './store.js';
