import { execFileSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';
import { provideRedis } from './redis-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** A Redis shared by all service tests: each uses keys of its own. `inject('redisUrl')` in a test. */
    redisUrl: string;
  }
}

/**
 * Worker threads and spawned processes of the product run from `dist`: built before the service tests, unless it is newer than the sources.
 * One Redis serves them all, so that it is looked for, and where needed installed, once.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  execFileSync(process.execPath, ['scripts/build-when-stale.mjs'], { stdio: 'inherit' });
  const redis = await provideRedis();
  project.provide('redisUrl', redis.url);
  return () => redis.stop();
}
