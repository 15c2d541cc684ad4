import type { Detector } from './detector.js';

/** go build, go test, go vet, modules, golangci-lint. */
export const go: Detector = { family: 'go', rules: [] };
