import type { Detector } from './detector.js';

/** Connections, DNS, TLS, registries, downloads, rate limits. */
export const network: Detector = { family: 'network', rules: [] };
