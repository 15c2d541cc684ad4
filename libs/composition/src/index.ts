export { CONFIG } from './tokens.js';
export { CoreModule, type CoreTools } from './core.module.js';
export { HealthChecks, type HealthPart, type PartHealth, type PartState } from './health-checks.js';
export { runProcess, type ProcessContext } from './run-process.js';
export { WarmCache } from './warm-cache.js';
