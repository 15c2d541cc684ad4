import { defineConfig } from 'vitest/config';

const oxc = { decorator: { legacy: true, emitDecoratorMetadata: true } } as const;
const resolve = { tsconfigPaths: true } as const;

const SERVICES = 'test/{contracts,integration,e2e}/**/*.spec.ts';
const FAULTS = 'test/{contracts,integration,e2e}/**/*.faults.spec.ts';
const services = {
  setupFiles: ['reflect-metadata'],
  globalSetup: ['test/support/global-setup.ts'],
  testTimeout: 30_000,
  hookTimeout: 90_000,
  // most of these wait for leases, restarts and elections: a third worker has cores enough
  maxWorkers: 3,
};

export default defineConfig({
  test: {
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
        },
      },
      { oxc, resolve, test: { ...services, name: 'services', include: [SERVICES], exclude: [FAULTS] } },
      // Processes are killed and stopped, leases run out: minutes that `npm test` does not have.
      { oxc, resolve, test: { ...services, name: 'faults', include: [FAULTS] } },
    ],
  },
});
