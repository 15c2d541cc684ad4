import type { Detector } from './detector.js';

/** git: merges, references, submodules, credentials. */
export const git: Detector = { family: 'git', rules: [] };
