import { lookup as resolveName, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';

/**
 * How far inside an address lies. `forbidden` is never a place that is asked for anything: link-local (the metadata
 * services of clouds), multicast, unspecified and reserved ranges.
 */
export type AddressZone = 'public' | 'private' | 'loopback' | 'forbidden';

const ORDER: Readonly<Record<AddressZone, number>> = { public: 0, private: 1, loopback: 2, forbidden: 3 };

/** Ranges that aren't public, from IANA's special-purpose registries (RFC 6890 and its updates). */
const RANGES: readonly [AddressZone, 'ipv4' | 'ipv6', string, number][] = [
  ['loopback', 'ipv4', '127.0.0.0', 8],
  ['loopback', 'ipv6', '::1', 128],
  ['private', 'ipv4', '10.0.0.0', 8],
  ['private', 'ipv4', '172.16.0.0', 12],
  ['private', 'ipv4', '192.168.0.0', 16],
  ['private', 'ipv4', '100.64.0.0', 10],
  ['private', 'ipv6', 'fc00::', 7],
  ['forbidden', 'ipv4', '0.0.0.0', 8],
  ['forbidden', 'ipv4', '169.254.0.0', 16],
  ['forbidden', 'ipv4', '192.0.0.0', 24],
  ['forbidden', 'ipv4', '192.0.2.0', 24],
  ['forbidden', 'ipv4', '198.18.0.0', 15],
  ['forbidden', 'ipv4', '198.51.100.0', 24],
  ['forbidden', 'ipv4', '203.0.113.0', 24],
  ['forbidden', 'ipv4', '224.0.0.0', 3],
  // Prefixes before an IPv4 address which nobody needs any more (IPv4-compatible, SIIT, Teredo in 2001::, 6to4), and
  // those of a network's own translator (RFC 8215): where they lead is for others to say.
  ['forbidden', 'ipv6', '::', 96],
  ['forbidden', 'ipv6', '::ffff:0:0:0', 96],
  ['forbidden', 'ipv6', '64:ff9b:1::', 48],
  ['forbidden', 'ipv6', 'fe80::', 10],
  ['forbidden', 'ipv6', 'fec0::', 10],
  ['forbidden', 'ipv6', 'ff00::', 8],
  ['forbidden', 'ipv6', '100::', 64],
  ['forbidden', 'ipv6', '2001::', 23],
  ['forbidden', 'ipv6', '2001:db8::', 32],
  ['forbidden', 'ipv6', '2002::', 16],
];

const LISTS = (['loopback', 'private', 'forbidden'] as const).map((zone) => {
  const list = new BlockList();
  for (const [of, family, net, prefix] of RANGES) if (of === zone) list.addSubnet(net, prefix, family);
  return { zone, list };
});

/** Prefixes whose last 32 bits are an IPv4 address: mapped, and the translators of IPv6-only networks (NAT64). */
const EMBEDS_IPV4 = new BlockList();
EMBEDS_IPV4.addSubnet('::ffff:0:0', 96, 'ipv6');
EMBEDS_IPV4.addSubnet('64:ff9b::', 96, 'ipv6');

/** The zone of an IP literal; anything that is no IP address is `forbidden`. */
export function zoneOf(address: string): AddressZone {
  const bare = address.split('%')[0]!;
  if (isIP(bare) === 0) return 'forbidden';
  if (isIPv6(bare) && EMBEDS_IPV4.check(bare, 'ipv6')) return zoneOf(embeddedIpv4(bare));
  const family = isIPv6(bare) ? 'ipv6' : 'ipv4';
  return LISTS.find(({ list }) => list.check(bare, family))?.zone ?? 'public';
}

function embeddedIpv4(address: string): string {
  // URL writes every spelling of an IPv6 address in one form: hexadecimal groups.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':');
  const [high = 0, low = 0] = groups.slice(-2).map((group) => Number.parseInt(group || '0', 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The address lies further inside our own network than whoever named it may send us: it is not asked. */
export class RefusedAddress extends Error {
  constructor(
    readonly host: string,
    readonly zone: AddressZone,
  ) {
    super(`${host} is a ${zone === 'forbidden' ? 'link-local or reserved' : zone} address`);
    this.name = 'RefusedAddress';
  }
}

/** How names are resolved: as `node:dns` does. */
export type Resolve = (
  host: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

const resolveBySystem: Resolve = (host, options, callback) =>
  resolveName(host, { ...options, all: true }, callback);

/**
 * Keeps requests from reaching further inside the network than they may: what an API on the internet redirects to
 * stays on the internet, a GitHub Enterprise server in a private network may send us into that network too, an API on
 * loopback (tests, the demo) to loopback too. Link-local and reserved addresses are refused always.
 */
export class AddressGuard {
  private constructor(
    private readonly innermost: AddressZone,
    private readonly internalHosts: ReadonlySet<string>,
    private readonly resolve: Resolve,
  ) {}

  /**
   * The guard for addresses that people name: the internet alone, and those hosts of our own network that the
   * configuration allows by name.
   */
  static forInternet(internalHosts: readonly string[] = [], resolve = resolveBySystem): AddressGuard {
    const names = internalHosts.map((host) => unbracketed(host.toLowerCase()));
    return new AddressGuard('public', new Set(names), resolve);
  }

  /** The guard for what an API at `apiHost` (a name or an IP literal) may redirect to. */
  static async forApi(apiHost: string): Promise<AddressGuard> {
    const host = unbracketed(apiHost);
    const zones = isIP(host) > 0 ? [zoneOf(host)] : (await addressesOf(host)).map((at) => zoneOf(at.address));
    // A name with addresses of several zones is trusted no further than its outermost.
    const outermost = zones.toSorted((a, b) => ORDER[a] - ORDER[b])[0] ?? 'public';
    return new AddressGuard(outermost === 'forbidden' ? 'public' : outermost, new Set(), resolveBySystem);
  }

  /** @throws RefusedAddress for an IP literal; names are checked by `lookup`, when they are resolved */
  checkHost(host: string): void {
    const bare = unbracketed(host);
    if (isIP(bare) > 0) this.checkAddress(bare, bare);
  }

  /**
   * For the `lookup` option of `http.request`: resolves and checks in one step, so that a name can't resolve to
   * one address when checked and to another when connected to.
   */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.resolve(hostname, options, (error, addresses) => {
      if (error) return callback(error, '', 0);
      try {
        for (const { address } of addresses) this.checkAddress(address, hostname);
      } catch (refused) {
        return callback(refused as Error, '', 0);
      }
      if (options.all === true) return callback(null, addresses);
      const first = addresses[0]!;
      return callback(null, first.address, first.family);
    });
  };

  private checkAddress(address: string, host: string): void {
    const zone = zoneOf(address);
    const innermost = this.internalHosts.has(host.toLowerCase()) ? 'loopback' : this.innermost;
    if (zone === 'forbidden' || ORDER[zone] > ORDER[innermost]) throw new RefusedAddress(host, zone);
  }
}

function unbracketed(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

function addressesOf(host: string): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    resolveName(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });
}
