import type { Detector } from './detector.js';

/** terraform, helm, kubectl, ansible, cloud deployments, health checks. */
export const infrastructure: Detector = { family: 'infrastructure', rules: [] };
