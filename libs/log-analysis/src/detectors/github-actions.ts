import type { Detector } from './detector.js';

/** GitHub Actions itself: actions, workflow files, permissions, artifacts, caches, runners, time limits. */
export const githubActions: Detector = { family: 'github-actions', rules: [] };
