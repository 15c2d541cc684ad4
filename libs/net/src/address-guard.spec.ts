import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressGuard, RefusedAddress, zoneOf } from './address-guard.js';

describe('zoneOf', () => {
  it.each([
    ['140.82.121.6', 'public'],
    ['2606:50c0:8000::153', 'public'],
    ['64:ff9b::8c52:7906', 'public'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd00::1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['127.255.0.9', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['::ffff:10.0.0.1', 'private'],
    ['64:ff9b::a00:1', 'private'],
    ['169.254.169.254', 'forbidden'],
    ['::ffff:169.254.169.254', 'forbidden'],
    ['fe80::1', 'forbidden'],
    ['fe80::1%eth0', 'forbidden'],
    ['0.0.0.0', 'forbidden'],
    ['::', 'forbidden'],
    ['224.0.0.1', 'forbidden'],
    ['255.255.255.255', 'forbidden'],
    ['2002:7f00:1::', 'forbidden'],
    ['::127.0.0.1', 'forbidden'],
    ['::8.8.8.8', 'forbidden'],
    ['::ffff:0:127.0.0.1', 'forbidden'],
    ['64:ff9b:1::7f00:1', 'forbidden'],
    ['64:ff9b:2::1', 'public'],
    ['2001:0:7f00:1::', 'forbidden'],
    ['2001:4860:4860::8888', 'public'],
    ['example.com', 'forbidden'],
  ])('puts %s into the %s zone', (address, zone) => {
    expect(zoneOf(address)).toBe(zone);
  });
});

type Octets = readonly [number, number, number, number];
const octet = fc.nat(255);
const inside: fc.Arbitrary<Octets> = fc.oneof(
  fc.tuple(fc.constant(10), octet, octet, octet),
  fc.tuple(fc.constant(127), octet, octet, octet),
  fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), octet, octet),
  fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
  fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
  fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), octet, octet),
);
/** The eight groups of addresses that hold an IPv4 address, each by its standard. */
const EMBEDDINGS: Readonly<Record<string, (high: number, low: number) => number[]>> = {
  'IPv4-compatible': (high, low) => [0, 0, 0, 0, 0, 0, high, low],
  mapped: (high, low) => [0, 0, 0, 0, 0, 0xffff, high, low],
  SIIT: (high, low) => [0, 0, 0, 0, 0xffff, 0, high, low],
  NAT64: (high, low) => [0x64, 0xff9b, 0, 0, 0, 0, high, low],
  'local NAT64 (/96)': (high, low) => [0x64, 0xff9b, 1, 0, 0, 0, high, low],
  'local NAT64 (/48)': (high, low) => [0x64, 0xff9b, 1, high, low >> 8, (low & 255) << 8, 0, 0],
  '6to4': (high, low) => [0x2002, high, low, 0, 0, 0, 0, 1],
  Teredo: (high, low) => [0x2001, 0, high, low, 0, 0, high ^ 0xffff, low ^ 0xffff],
};
/** How a person may write the groups: in full, short, and with the last two as an IPv4 address. */
const SPELLINGS: readonly ((groups: readonly number[]) => string)[] = [
  (groups) => groups.map((group) => group.toString(16).padStart(4, '0').toUpperCase()).join(':'),
  (groups) => groups.map((group) => group.toString(16)).join(':'),
  (groups) =>
    new URL(`http://[${groups.map((group) => group.toString(16)).join(':')}]`).hostname.slice(1, -1),
  (groups) => {
    const [high, low] = groups.slice(-2) as [number, number];
    const first = groups.slice(0, -2).map((group) => group.toString(16));
    return `${first.join(':')}:${[high >> 8, high & 255, low >> 8, low & 255].join('.')}`;
  },
];

describe('an address of our own network within an IPv6 address', () => {
  it.each(Object.entries(EMBEDDINGS))('is refused in every spelling: %s', (_, embed) => {
    const guard = AddressGuard.forInternet();
    fc.assert(
      fc.property(inside, fc.constantFrom(...SPELLINGS), ([a, b, c, d], spell) => {
        const text = spell(embed((a << 8) | b, (c << 8) | d));
        expect(() => guard.checkHost(text)).toThrow(RefusedAddress);
        // As a URL writes it.
        expect(() => guard.checkHost(new URL(`http://[${text}]/`).hostname)).toThrow(RefusedAddress);
      }),
    );
  });
});

describe('AddressGuard', () => {
  it.each([
    ['140.82.121.6', ['140.82.121.6'], ['10.0.0.1', '127.0.0.1', '[::1]', '169.254.169.254']],
    ['10.0.0.5', ['140.82.121.6', '10.0.0.9', '[fd00::1]'], ['127.0.0.1', '169.254.169.254']],
    ['127.0.0.1', ['140.82.121.6', '10.0.0.9', '127.0.0.1', '[::1]'], ['169.254.169.254', '0.0.0.0']],
    ['169.254.1.1', ['140.82.121.6'], ['169.254.1.2', '10.0.0.1']],
  ])('lets an API at %s redirect to %j, never to %j', async (api, allowed, refused) => {
    const guard = await AddressGuard.forApi(api);
    for (const host of allowed) expect(() => guard.checkHost(host)).not.toThrow();
    for (const host of refused) expect(() => guard.checkHost(host)).toThrow(RefusedAddress);
  });

  it.each([{ all: true }, { all: false }])(
    'refuses a name when it resolves to an address further inside (%j)',
    async (options) => {
      const guard = await AddressGuard.forApi('140.82.121.6');
      const error = await new Promise((resolve) => guard.lookup('localhost', options, resolve));
      expect(error).toBeInstanceOf(RefusedAddress);
    },
  );

  it('resolves an allowed name, to one address or to all', async () => {
    const guard = await AddressGuard.forApi('localhost');
    const one = await new Promise((resolve) =>
      guard.lookup('localhost', { family: 4 }, (_, address, family) => resolve([address, family])),
    );
    const all = await new Promise((resolve) =>
      guard.lookup('localhost', { family: 4, all: true }, (_, addresses) => resolve(addresses)),
    );
    expect(one).toEqual(['127.0.0.1', 4]);
    expect(all).toContainEqual({ address: '127.0.0.1', family: 4 });
  });
});

describe('AddressGuard for addresses that people name', () => {
  const guard = AddressGuard.forInternet(['Wiki.Corp', '127.0.0.1'], (host, _options, callback) =>
    callback(null, [
      { address: host.toLowerCase().endsWith('wiki.corp') ? '10.1.2.3' : '169.254.169.254', family: 4 },
    ]),
  );
  const resolve = (host: string) =>
    new Promise((done) => guard.lookup(host, {}, (error, address) => done(error ?? address)));

  it('allows the internet, and only those hosts of our own network that are named', async () => {
    expect(() => guard.checkHost('140.82.121.6')).not.toThrow();
    expect(() => guard.checkHost('127.0.0.1')).not.toThrow();
    for (const host of ['10.0.0.1', '127.0.0.2', '[::1]', '[::ffff:169.254.169.254]', '0.0.0.0'])
      expect(() => guard.checkHost(host)).toThrow(RefusedAddress);
    expect(await resolve('wiki.corp')).toBe('10.1.2.3');
    expect(await resolve('WIKI.CORP')).toBe('10.1.2.3');
    expect(await resolve('other.corp')).toBeInstanceOf(RefusedAddress);
  });

  it('never allows link-local addresses, whoever is named', async () => {
    expect(await resolve('metadata.example')).toBeInstanceOf(RefusedAddress);
    const named = AddressGuard.forInternet(['169.254.169.254']);
    expect(() => named.checkHost('169.254.169.254')).toThrow(RefusedAddress);
  });
});
