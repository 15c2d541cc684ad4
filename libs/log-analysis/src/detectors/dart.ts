import type { Detector } from './detector.js';

/** Flutter, dart, pub. */
export const dart: Detector = { family: 'dart', rules: [] };
