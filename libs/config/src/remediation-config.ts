import type { Env } from './env-schema.js';

/** How remediations are looked after. */
export interface RemediationConfig {
  /** Between rounds that find lost work and missing plans. */
  readonly intervalMs: number;
  /** How often a rerun whose end no webhook told of is asked after. */
  readonly watchIntervalMs: number;
  /** How long the outcome of a rerun is waited for. */
  readonly verifyRerunMs: number;
  /** How long a fix is: people have to merge it. */
  readonly verifyFixMs: number;
}

export function remediationConfig(env: Env): RemediationConfig {
  return {
    intervalMs: env.REMEDIATION_INTERVAL_MS,
    watchIntervalMs: env.REMEDIATION_WATCH_INTERVAL_MS,
    verifyRerunMs: env.REMEDIATION_VERIFY_RERUN_MS,
    verifyFixMs: env.REMEDIATION_VERIFY_FIX_MS,
  };
}
