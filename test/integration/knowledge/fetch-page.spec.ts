import { gzipSync } from 'node:zlib';
import { FetchPage } from '@app/knowledge';
import { AddressGuard, type Resolve } from '@app/net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PageServer } from '../../support/page-server.js';

const CONFIG = { maxBytes: 10_000, fetchTimeoutMs: 5_000 };

let server: PageServer;
beforeEach(async () => {
  server = await PageServer.start();
});
afterEach(() => server.close());

/** Names lead where the test says: each to its addresses in turn, the last one for good. */
function namesTo(names: Readonly<Record<string, readonly string[]>>): Resolve {
  const turns = new Map<string, number>();
  return (host, _options, callback) => {
    const addresses = names[host];
    if (!addresses) return callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`)), []);
    const turn = turns.get(host) ?? 0;
    turns.set(host, turn + 1);
    callback(null, [{ address: addresses[Math.min(turn, addresses.length - 1)]!, family: 4 }]);
  };
}

/** Fetches as the product does, with the server on loopback as one of our own hosts. */
function fetchPage(
  address: string,
  names: Readonly<Record<string, readonly string[]>> = {},
  config = CONFIG,
) {
  const internal = ['127.0.0.1', 'wiki.example'];
  return new FetchPage(config, AddressGuard.forInternet(internal, namesTo(names))).run(address);
}

describe('a page', () => {
  it('is fetched with its type, by way of redirects', async () => {
    server.text('/runbook.md', '# Disk full', 'text/markdown; charset=utf-8');
    const start = server.redirect('/old', '/moved');
    server.redirect('/moved', `${server.url}/runbook.md`);
    const page = await fetchPage(start);
    expect(page.contentType).toBe('text/markdown; charset=utf-8');
    expect(page.url.pathname).toBe('/runbook.md');
    expect(Buffer.from(page.bytes).toString()).toBe('# Disk full');
  });

  it('is unpacked', async () => {
    const url = server.text('/z', gzipSync('packed'), 'text/plain', { 'content-encoding': 'gzip' });
    expect(Buffer.from((await fetchPage(url)).bytes).toString()).toBe('packed');
  });

  it('is fetched by a name of our own that the configuration allows', async () => {
    server.text('/a', 'x');
    const page = await fetchPage(`http://wiki.example:${server.port}/a`, { 'wiki.example': ['127.0.0.1'] });
    expect(page.url.hostname).toBe('wiki.example');
  });

  it.each([
    ['169.254.169.254', 'http://169.254.169.254/latest/meta-data'],
    ['its IPv6 spelling', 'http://[::ffff:169.254.169.254]/latest/meta-data'],
    ['its decimal spelling', 'http://2852039166/'],
    ['a private address', 'http://10.0.0.1/'],
    ['another private address', 'https://192.168.1.1/'],
    ['loopback', 'http://127.0.0.2/'],
    ['loopback in IPv6', 'http://[::1]/'],
    ['nowhere', 'http://0.0.0.0/'],
    ['a link-local address in IPv6', 'http://[fe80::1]/'],
    ['a name that leads to the metadata service', 'http://metadata.example/'],
    ['a name that leads into our network', 'http://intranet.example/'],
  ])('is not fetched from %s', async (_, address) => {
    const names = { 'metadata.example': ['169.254.169.254'], 'intranet.example': ['10.9.8.7'] };
    await expect(fetchPage(address, names)).rejects.toMatchObject({ code: 'refused_url' });
  });

  it('says which setting allows an address, where one can', async () => {
    await expect(fetchPage('http://10.0.0.1/')).rejects.toThrow('KNOWLEDGE_INTERNAL_HOSTS');
    await expect(fetchPage('http://169.254.169.254/')).rejects.toThrow(/nothing is ever fetched\.$/);
  });

  it.each([
    ['the metadata service', 'http://169.254.169.254/'],
    ['a private address', 'http://10.0.0.1/'],
    ['a name that leads there', 'http://metadata.example/'],
    ['a file', 'file:///etc/passwd'],
  ])('is not fetched from %s by way of a redirect', async (_, location) => {
    const start = server.redirect('/start', location);
    const fetched = fetchPage(start, { 'metadata.example': ['169.254.169.254'] });
    await expect(fetched).rejects.toMatchObject({ code: 'refused_url' });
    expect(server.asked).toEqual(['/start']);
  });

  it('is not fetched from a name that leads elsewhere when it is resolved again', async () => {
    server.redirect('/start', `http://wiki.example:${server.port}/second`);
    server.text('/second', 'secret');
    const fetched = fetchPage(`http://wiki.example:${server.port}/start`, {
      'wiki.example': ['127.0.0.1', '169.254.169.254'],
    });
    await expect(fetched).rejects.toMatchObject({ code: 'refused_url' });
    expect(server.asked).toEqual(['/start']);
  });

  it('is fetched from the very address that was checked', async () => {
    server.text('/a', 'x');
    // Asked a second time for one connection, this name would lead to the metadata service.
    await fetchPage(`http://wiki.example:${server.port}/a`, {
      'wiki.example': ['127.0.0.1', '169.254.169.254'],
    });
    expect(server.asked).toEqual(['/a']);
  });

  it('is given up when it is too large, announced or not, packed or not', async () => {
    const big = 'x'.repeat(CONFIG.maxBytes + 1);
    const urls = [
      server.text('/announced', big),
      server.serve('/chunked', (_, response) => {
        response.writeHead(200, { 'content-type': 'text/plain' });
        response.write(big.slice(0, 5_000));
        response.end(big.slice(5_000));
      }),
      server.text('/packed', gzipSync(big), 'text/plain', { 'content-encoding': 'gzip' }),
    ];
    for (const url of urls)
      await expect(fetchPage(url)).rejects.toMatchObject({ code: 'unreadable_document' });
  });

  it('is given up when it never ends', async () => {
    const url = server.serve('/slow', (_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write('x');
    });
    const fetched = fetchPage(url, {}, { ...CONFIG, fetchTimeoutMs: 200 });
    await expect(fetched).rejects.toMatchObject({ code: 'url_unavailable' });
  });

  it('says who did not answer, or with what', async () => {
    await expect(fetchPage(`${server.url}/missing`)).rejects.toThrow(/127\.0\.0\.1:\d+: it answered 404/);
    await expect(fetchPage('http://nobody.example/')).rejects.toMatchObject({ code: 'url_unavailable' });
    const circle = server.redirect('/circle', '/circle');
    await expect(fetchPage(circle)).rejects.toThrow(/leads on more than 5 times/);
  });

  it.each([
    'nonsense',
    'ftp://host/x',
    'javascript:alert(1)',
    'http://user:secret@host/',
    `http://h/${'x'.repeat(2_000)}`,
  ])('needs an address to fetch by: %s', async (address) => {
    const error = await fetchPage(address).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'invalid_input' });
    expect((error as Error).message).not.toContain('secret@');
  });
});
