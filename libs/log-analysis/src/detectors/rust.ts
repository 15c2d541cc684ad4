import type { Detector } from './detector.js';

/** cargo, rustc, clippy, rustfmt, cargo test. */
export const rust: Detector = { family: 'rust', rules: [] };
