import type { Detector } from './detector.js';

/** Disk, memory, signals, exit codes 137 and 139, GPU memory, cloud capacity. */
export const resources: Detector = { family: 'resources', rules: [] };
