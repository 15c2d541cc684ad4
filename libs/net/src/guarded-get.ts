import { get as httpGet, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { get as httpsGet } from 'node:https';
import type { AddressGuard } from './address-guard.js';

const MAX_REDIRECTS = 5;

/** A redirect that is not followed: another protocol, a step down to plain HTTP, or a circle. */
export class RefusedRedirect extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'RefusedRedirect';
  }
}

export interface GuardedGetOptions {
  readonly guard: AddressGuard;
  /** Whether plain HTTP will do. */
  readonly allowHttp: boolean;
  /** How long the other side may stay silent, before its answer and within it. */
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * GETs an address and follows its redirects, each hop checked anew: a name is resolved once for a connection, and what
 * was checked is what is connected to. Sends no credentials. Answers the first response that is no redirect, unread.
 * @throws RefusedRedirect, RefusedAddress, and what node:http throws
 */
export async function guardedGet(
  address: URL,
  headers: OutgoingHttpHeaders,
  options: GuardedGetOptions,
): Promise<{ readonly response: IncomingMessage; readonly url: URL }> {
  let url = address;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    checkUrl(url, options);
    const response = await request(url, headers, options);
    const status = response.statusCode ?? 0;
    const location = status >= 300 && status < 400 ? response.headers.location : undefined;
    if (location === undefined) return { response, url };
    response.destroy();
    if (!URL.canParse(location, url.href)) throw new RefusedRedirect('it leads to no valid address');
    url = new URL(location, url);
  }
  throw new RefusedRedirect(`it leads on more than ${MAX_REDIRECTS} times`);
}

function checkUrl(url: URL, { guard, allowHttp }: GuardedGetOptions): void {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new RefusedRedirect(`it leads to a ${url.protocol} address`);
  }
  if (url.protocol === 'http:' && !allowHttp) {
    throw new RefusedRedirect(`it leads from https to plain http at ${url.host}`);
  }
  guard.checkHost(url.hostname);
}

function request(
  url: URL,
  headers: OutgoingHttpHeaders,
  { guard, idleTimeoutMs, signal }: GuardedGetOptions,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const settings = {
      // A socket of its own: a pooled one may have been opened without the guard.
      agent: false,
      lookup: guard.lookup,
      headers: { 'user-agent': 'devflowfix', ...headers },
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
