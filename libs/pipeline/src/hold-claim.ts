import type { Claim, DiagnosisProgress } from '@app/domain';

/**
 * Runs `work` while the claim is renewed in the background. The signal given to `work` aborts when the caller's does,
 * or when the claim is lost.
 */
export async function holdClaim<T>(
  progress: DiagnosisProgress,
  claim: Claim,
  leaseMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const timer = setInterval(() => {
    progress.renew(claim, leaseMs).catch((error: unknown) => lost.abort(error));
  }, leaseMs / 3);
  try {
    return await work(AbortSignal.any([signal, lost.signal]));
  } finally {
    clearInterval(timer);
  }
}
