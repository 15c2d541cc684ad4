/** `degraded`: work goes on without it, slower or poorer. `down`: no work can be taken. */
export type PartState = 'ok' | 'degraded' | 'down';

export interface PartHealth {
  readonly state: PartState;
  readonly latencyMs: number | null;
  readonly detail: string | null;
}

export interface HealthPart {
  readonly name: string;
  /** Without an essential part no work can be taken; any other only degrades. */
  readonly essential: boolean;
  readonly check: () => Promise<{ ok: boolean; latencyMs: number | null; detail?: string }>;
}

const TIME_LIMIT_MS = 2_000;

/** Asks every part at once, each within a time limit. */
export class HealthChecks {
  constructor(private readonly parts: readonly HealthPart[]) {}

  async run(): Promise<{ status: PartState; parts: Record<string, PartHealth> }> {
    const checked = await Promise.all(
      this.parts.map(async (part) => [part.name, await healthOf(part)] as const),
    );
    const states = checked.map(([, health]) => health.state);
    const status = states.includes('down') ? 'down' : states.includes('degraded') ? 'degraded' : 'ok';
    return { status, parts: Object.fromEntries(checked) };
  }
}

async function healthOf(part: HealthPart): Promise<PartHealth> {
  const failed = part.essential ? 'down' : 'degraded';
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${TIME_LIMIT_MS} ms`)), TIME_LIMIT_MS);
  });
  try {
    const { ok, latencyMs, detail } = await Promise.race([part.check(), late]);
    return {
      state: ok ? 'ok' : failed,
      latencyMs: latencyMs === null ? null : round(latencyMs),
      detail: detail ?? null,
    };
  } catch (error) {
    return { state: failed, latencyMs: null, detail: (error as Error).message };
  } finally {
    clearTimeout(timer);
  }
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
