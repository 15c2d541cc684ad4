import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { guardedGet, type GuardedGetOptions } from '@app/net';

/** The storage that keeps the log answered with something else than the log. */
export class LogStorageStatus extends Error {
  constructor(
    readonly status: number,
    host: string,
  ) {
    super(`the log storage at ${host} answered ${status}`);
    this.name = 'LogStorageStatus';
  }
}

/**
 * Opens the log at the address that GitHub's API named and follows further redirects. Never sends credentials: the
 * address carries its own, short-lived signature. The stream gives the log's bytes, unpacked when they were served
 * gzip-encoded, and fails when the connection ends early.
 * @throws LogStorageStatus, RefusedRedirect, RefusedAddress, and what node:http throws
 */
export async function openLog(address: URL, options: GuardedGetOptions): Promise<Readable> {
  const { response, url } = await guardedGet(address, { 'accept-encoding': 'gzip' }, options);
  if (response.statusCode === 200) return unpacked(response);
  response.destroy();
  throw new LogStorageStatus(response.statusCode ?? 0, url.host);
}

function unpacked(response: IncomingMessage): Readable {
  const encoding = response.headers['content-encoding']?.toLowerCase();
  if (encoding !== 'gzip' && encoding !== 'x-gzip') return response;
  // Whoever reads the result gets the error; the callback only keeps it from being thrown a second time.
  return pipeline(response, createGunzip(), () => undefined);
}
