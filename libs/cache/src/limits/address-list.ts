import { BlockList, isIP } from 'node:net';
import { InvalidInput } from '@app/domain';

/** Network addresses and ranges: `10.1.2.3`, `10.0.0.0/8`, `fd00::/8`. */
export class AddressList {
  private readonly list = new BlockList();

  /** @throws InvalidInput naming the entry that is none */
  constructor(entries: readonly string[]) {
    for (const entry of entries) this.add(entry);
  }

  /** IPv4 addresses count in their IPv6 form too (`::ffff:10.1.2.3`). */
  has(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  }

  private add(entry: string): void {
    const [address = '', bits, ...more] = entry.split('/');
    const version = isIP(address);
    const most = version === 4 ? 32 : 128;
    const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
    if (version === 0 || more.length > 0 || length < 0 || length > most)
      throw new InvalidInput(`“${entry}” is neither an IP address nor a range like 10.0.0.0/8.`);
    this.list.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6');
  }
}
