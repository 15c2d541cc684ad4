import type { Detector } from './detector.js';

/** gcc, clang, ld, CMake, CTest, make, ninja, Kbuild, rpm. */
export const native: Detector = { family: 'native', rules: [] };
