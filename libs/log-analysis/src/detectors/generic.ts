import type { Detector } from './detector.js';

/** Error lines of unknown tools, exceptions, wrappers and exit codes: what is left when nothing better is said. */
export const generic: Detector = { family: 'generic', rules: [] };
