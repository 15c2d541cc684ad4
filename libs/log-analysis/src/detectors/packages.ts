import type { Detector } from './detector.js';

/** npm, pnpm, yarn: resolution, lock files, registries. */
export const packages: Detector = { family: 'packages', rules: [] };
