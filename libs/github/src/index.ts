export type { JobSeed, RunSeed } from './stand-in/run-seed.js';
export { SEED_DEFAULTS, seedSteps } from './stand-in/run-seed.js';
