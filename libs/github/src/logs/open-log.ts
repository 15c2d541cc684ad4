import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { AddressGuard } from './address-guard.js';

const MAX_REDIRECTS = 5;

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

/** A redirect that is not followed: another protocol, a step down to plain HTTP, or a circle. */
export class RefusedRedirect extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'RefusedRedirect';
  }
}

export interface OpenLogOptions {
  readonly guard: AddressGuard;
  /** Whether plain HTTP will do; only where the API itself is reached by it. */
  readonly allowHttp: boolean;
  /** How long the storage may stay silent, before its answer and within it. */
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Opens the log at the address that GitHub's API named and follows further redirects. Never sends credentials: the
 * address carries its own, short-lived signature. The stream gives the log's bytes, unpacked when they were served
 * gzip-encoded, and fails when the connection ends early.
 * @throws LogStorageStatus, RefusedRedirect, RefusedAddress, and what node:http throws
 */
export async function openLog(address: URL, options: OpenLogOptions): Promise<Readable> {
  let url = address;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    checkUrl(url, options);
    const response = await request(url, options);
    const status = response.statusCode ?? 0;
    if (status === 200) return unpacked(response);
    response.destroy();
    const location = status >= 300 && status < 400 ? response.headers.location : undefined;
    if (location === undefined) throw new LogStorageStatus(status, url.host);
    if (!URL.canParse(location, url.href)) throw new RefusedRedirect('it leads to no valid address');
    url = new URL(location, url);
  }
  throw new RefusedRedirect(`it leads on more than ${MAX_REDIRECTS} times`);
}

function checkUrl(url: URL, { guard, allowHttp }: OpenLogOptions): void {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new RefusedRedirect(`it leads to a ${url.protocol} address`);
  }
  if (url.protocol === 'http:' && !allowHttp) {
    throw new RefusedRedirect(`it leads from https to plain http at ${url.host}`);
  }
  guard.checkHost(url.hostname);
}

function request(url: URL, options: OpenLogOptions): Promise<IncomingMessage> {
  const { guard, idleTimeoutMs, signal } = options;
  return new Promise((resolve, reject) => {
    const settings = {
      // A socket of its own: a pooled one may have been opened without the guard.
      agent: false,
      lookup: guard.lookup,
      headers: { 'user-agent': 'devflowfix', 'accept-encoding': 'gzip' },
      signal,
      timeout: idleTimeoutMs,
    } as const;
    const call = url.protocol === 'https:' ? httpsGet(url, settings) : httpGet(url, settings);
    let response: IncomingMessage | undefined;
    call.on('timeout', () => {
      const silence = new Error(`${url.host} was silent for ${idleTimeoutMs} ms`);
      (response ?? call).destroy(silence);
    });
    call.on('error', reject);
    call.on('response', (answer) => {
      response = answer;
      resolve(answer);
    });
  });
}

function unpacked(response: IncomingMessage): Readable {
  const encoding = response.headers['content-encoding']?.toLowerCase();
  if (encoding !== 'gzip' && encoding !== 'x-gzip') return response;
  // Whoever reads the result gets the error; the callback only keeps it from being thrown a second time.
  return pipeline(response, createGunzip(), () => undefined);
}
