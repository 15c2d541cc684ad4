import { DomainError } from '@app/domain';
import type { Check, Finding, Report } from './check.js';

/** Longer than any check's own limits: what hangs all the same is ended here. */
const CHECK_LIMIT_MS = 90_000;

/** Runs the checks one after the other and hands each report on as it comes. */
export async function runChecks(
  checks: readonly Check[],
  onReport: (report: Report) => void = () => undefined,
): Promise<Report[]> {
  const reports: Report[] = [];
  for (const check of checks) {
    const startedAt = performance.now();
    const finding = await within(CHECK_LIMIT_MS, check);
    const report = { name: check.name, ...finding, ms: Math.round(performance.now() - startedAt) };
    onReport(report);
    reports.push(report);
  }
  return reports;
}

async function within(limitMs: number, check: Check): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs / 1_000} s`)), limitMs);
  });
  try {
    return await Promise.race([check.run(), late]);
  } catch (error) {
    return unexpected(error as Error);
  } finally {
    clearTimeout(timer);
  }
}

function unexpected(error: Error): Finding {
  return {
    verdict: 'failed',
    problem: error instanceof DomainError ? error.code : 'unexpected_error',
    detail: error.message,
  };
}
