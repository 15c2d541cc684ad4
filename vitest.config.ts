import { defineConfig } from 'vitest/config';

const oxc = { decorator: { legacy: true, emitDecoratorMetadata: true } } as const;
const resolve = { tsconfigPaths: true } as const;

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
      {
        oxc,
        resolve,
        test: {
          name: 'services',
          include: ['test/{contracts,integration,e2e}/**/*.spec.ts'],
          setupFiles: ['reflect-metadata'],
          globalSetup: ['test/support/global-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 90_000,
          // most of these wait for leases, restarts and elections: a third worker has cores enough
          maxWorkers: 3,
        },
      },
    ],
  },
});
