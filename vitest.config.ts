import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.js';

const oxc = { decorator: { legacy: true, emitDecoratorMetadata: true } } as const;
const resolve = { tsconfigPaths: true } as const;

const SERVICES = 'test/{contracts,integration,e2e}/**/*.spec.ts';
const FAULTS = 'test/{contracts,integration,e2e}/**/*.faults.spec.ts';
/** What depends on the database: run on a server by `npm run test:server`. */
const SERVER = [
  'test/contracts/persistence/postgres.spec.ts',
  'test/integration/persistence/{embedding-index,erase-project,incident-counts,migrations,repairs,retention,schema,sealed-secrets,transfer,vector-search}.spec.ts',
  'test/integration/{short-transactions,llm/budget}.spec.ts',
  'test/e2e/{agents,api,closing-the-loop,incident-search,knowledge,patterns,usage,webhooks,workflows}.spec.ts',
];
/**
 * One number for all, so that the runner takes unit specs beside those of services: most of the latter wait for leases,
 * restarts and elections, and leave cores enough for a third worker.
 */
const MAX_WORKERS = 3;
const services = {
  setupFiles: ['reflect-metadata'],
  globalSetup: ['test/support/global-setup.ts'],
  // commands and servers are started within tests, on machines that have other things to do
  testTimeout: 60_000,
  hookTimeout: 90_000,
  maxWorkers: MAX_WORKERS,
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        oxc,
        resolve,
        test: {
          name: 'unit',
          include: ['libs/**/*.spec.ts', 'apps/**/*.spec.ts'],
          setupFiles: ['reflect-metadata'],
          // property tests on a busy machine
          testTimeout: 30_000,
          maxWorkers: MAX_WORKERS,
          // They change nothing that outlives them, so that a worker loads each module once: a quarter of the work.
          isolate: false,
          restoreMocks: true,
        },
      },
      { oxc, resolve, test: { ...services, name: 'services', include: [SERVICES], exclude: [FAULTS] } },
      {
        oxc,
        resolve,
        test: {
          ...services,
          name: 'server',
          // Each starts a product that migrates its database over the network.
          hookTimeout: 240_000,
          include: SERVER,
          setupFiles: [...services.setupFiles, 'test/support/need-server.ts'],
        },
      },
      // Processes are killed and stopped, leases run out: minutes that `npm test` does not have.
      { oxc, resolve, test: { ...services, name: 'faults', include: [FAULTS] } },
    ],
  },
});
