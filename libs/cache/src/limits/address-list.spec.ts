import { InvalidInput } from '@app/domain';
import { describe, expect, it } from 'vitest';
import { AddressList } from './address-list.js';

describe('AddressList', () => {
  const list = new AddressList(['10.1.2.3', '192.168.0.0/16', 'fd00::/8', '::1']);

  it.each(['10.1.2.3', '::ffff:10.1.2.3', '192.168.255.1', 'fd12::9', '::1'])('holds %s', (address) => {
    expect(list.has(address)).toBe(true);
  });

  it.each(['10.1.2.4', '192.169.0.1', 'fe80::1', '::2', '', 'localhost'])('does not hold “%s”', (address) => {
    expect(list.has(address)).toBe(false);
  });

  it.each(['', 'localhost', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/9', '10.0.0', '::/129', '10.0.0.0/-1'])(
    'refuses “%s”',
    (entry) => {
      expect(() => new AddressList([entry])).toThrow(InvalidInput);
    },
  );
});
