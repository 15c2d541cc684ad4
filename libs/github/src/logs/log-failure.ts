import { ExternalFailure } from '@app/domain';
import { RefusedAddress, RefusedRedirect } from '@app/net';
import { unavailable } from '../client/github-failure.js';
import { LogStorageStatus } from './open-log.js';

/** Whether another whole try may bring a download. What the API itself said was retried by Octokit already. */
export function isCutDownload(error: unknown): boolean {
  // 403: the signed address ran out between the redirect and the request.
  if (error instanceof LogStorageStatus) return error.status >= 500 || error.status === 403;
  return !(error instanceof ExternalFailure) && !isRefused(error);
}

/** @param what for people: `log of job 12 of octo/app` */
export function logFailure(error: unknown, what: string): ExternalFailure {
  const status = error instanceof LogStorageStatus ? error.status : null;
  const isUnknown = error instanceof ExternalFailure && error.code === 'github_not_found';
  if (status === 404 || status === 410 || isUnknown) {
    return logGone(
      `GitHub has no ${what}: it was deleted, its retention ended, or the token may not read it (“Actions: read”).`,
      error,
    );
  }
  if (isRefused(error)) {
    return logRefused(`The address GitHub gave for the ${what} is refused: ${error.message}.`, error);
  }
  if (error instanceof ExternalFailure) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return unavailable(`The ${what} can't be downloaded: ${reason}.`, error);
}

export function logGone(message: string, cause?: unknown): ExternalFailure {
  return new ExternalFailure(message, { code: 'github_log_gone', retryable: false, cause });
}

export function logRefused(message: string, cause?: unknown): ExternalFailure {
  return new ExternalFailure(message, { code: 'github_log_refused', retryable: false, cause });
}

function isRefused(error: unknown): error is Error {
  return error instanceof RefusedRedirect || error instanceof RefusedAddress;
}
