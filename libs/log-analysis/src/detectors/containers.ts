import type { Detector } from './detector.js';

/** docker build, BuildKit, compose, image pulls. */
export const containers: Detector = { family: 'containers', rules: [] };
