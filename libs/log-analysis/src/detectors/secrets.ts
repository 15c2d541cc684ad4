import type { Detector } from './detector.js';

/** Missing or refused tokens, credentials and permissions of any tool. */
export const secrets: Detector = { family: 'secrets', rules: [] };
