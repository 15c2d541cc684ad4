import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import type { KnowledgeConfig } from '@app/config';
import { ExternalFailure, InvalidInput, RefusedUrl, UnreadableDocument } from '@app/domain';
import { guardedGet, RefusedAddress, RefusedRedirect, type AddressGuard } from '@app/net';

/** A document as an address gave it. */
export interface FetchedPage {
  /** Where redirects led. */
  readonly url: URL;
  readonly contentType: string | null;
  readonly bytes: Uint8Array;
}

const ACCEPT = 'text/markdown, text/html, application/pdf, text/plain;q=0.9, */*;q=0.1';
const MAX_URL_CHARS = 2_000;

/** Fetches documents from the internet, within limits of size and time, and from nowhere inside our own network. */
export class FetchPage {
  constructor(
    private readonly config: Pick<KnowledgeConfig, 'maxBytes' | 'fetchTimeoutMs'>,
    private readonly guard: AddressGuard,
  ) {}

  /**
   * @throws InvalidInput for what is no address, RefusedUrl, UnreadableDocument when it is too large, ExternalFailure
   * `url_unavailable` when nobody answers or with something else than a document
   */
  async run(address: string): Promise<FetchedPage> {
    const url = parsed(address);
    const signal = AbortSignal.timeout(this.config.fetchTimeoutMs);
    const options = {
      guard: this.guard,
      // Never down from https by a redirect.
      allowHttp: url.protocol === 'http:',
      idleTimeoutMs: this.config.fetchTimeoutMs,
      signal,
    };
    try {
      const { response, url: found } = await guardedGet(
        url,
        { accept: ACCEPT, 'accept-encoding': 'gzip, br' },
        options,
      );
      try {
        if (response.statusCode !== 200) throw unavailable(url, `it answered ${response.statusCode}`);
        const bytes = await this.bytesOf(response, signal);
        return { url: found, contentType: response.headers['content-type'] ?? null, bytes };
      } finally {
        response.destroy();
      }
    } catch (error) {
      throw translated(error, url, signal);
    }
  }

  private async bytesOf(response: IncomingMessage, signal: AbortSignal): Promise<Uint8Array> {
    const { maxBytes } = this.config;
    if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of unpacked(response) as AsyncIterable<Uint8Array>) {
      signal.throwIfAborted();
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }
}

function parsed(address: string): URL {
  if (address.length > MAX_URL_CHARS || !URL.canParse(address))
    throw new InvalidInput('The address is not a valid URL.', {});
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new InvalidInput(`Documents are fetched by http and https, not by ${url.protocol}`, {});
  if (url.username !== '' || url.password !== '')
    throw new InvalidInput('The address holds a password, which would be stored: give one without.', {});
  url.hash = '';
  return url;
}

function unpacked(response: IncomingMessage): NodeJS.ReadableStream {
  const encoding = response.headers['content-encoding']?.toLowerCase();
  // Whoever reads the result gets the error; the callback only keeps it from being thrown a second time.
  if (encoding === 'gzip' || encoding === 'x-gzip')
    return pipeline(response, createGunzip(), () => undefined);
  if (encoding === 'br') return pipeline(response, createBrotliDecompress(), () => undefined);
  return response;
}

function tooLarge(maxBytes: number): UnreadableDocument {
  return new UnreadableDocument(`The document is larger than ${maxBytes} bytes, the most that is read.`, {
    maxBytes,
  });
}

function unavailable(url: URL, reason: string, cause?: unknown): ExternalFailure {
  return new ExternalFailure(`The document can't be fetched from ${url.host}: ${reason}.`, {
    code: 'url_unavailable',
    retryable: true,
    cause,
  });
}

function translated(error: unknown, url: URL, signal: AbortSignal): unknown {
  if (error instanceof ExternalFailure || error instanceof UnreadableDocument) return error;
  if (error instanceof RefusedAddress) {
    const { host, zone } = error;
    // The configuration can allow the one, and never the other.
    const advice =
      zone === 'forbidden'
        ? 'a link-local or reserved address, from which nothing is ever fetched.'
        : `a ${zone} address. Hosts of your own network are named in KNOWLEDGE_INTERNAL_HOSTS.`;
    return new RefusedUrl(`Nothing is fetched from ${host}: it leads to ${advice}`, { host, zone });
  }
  if (error instanceof RefusedRedirect)
    return new RefusedUrl(`The redirect of ${url.host} is not followed: ${error.message}.`, {
      host: url.host,
    });
  return unavailable(url, signal.aborted ? 'it took too long' : (error as Error).message, error);
}
