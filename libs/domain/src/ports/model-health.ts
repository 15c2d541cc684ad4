/** Whether somebody answers at the configured model, at no cost. */
export abstract class ModelHealth {
  /** Never throws. `ok: true` also without a model: then the rules are who is asked. */
  abstract check(signal?: AbortSignal): Promise<{ ok: boolean; latencyMs: number; detail?: string }>;
}
