import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, MalformedMessage } from './frame-reader.js';
import { message } from './wire-protocol.js';

const drain = (reader: FrameReader): Buffer[] => {
  const frames: Buffer[] = [];
  for (let frame = reader.next(1); frame !== null; frame = reader.next(1)) frames.push(frame);
  return frames;
};

describe('FrameReader', () => {
  it('gives the messages that were sent, however their bytes arrive', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 10 });
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(bodies, cuts, (sent, sizes) => {
        const messages = sent.map((body) => message('Q', body));
        const stream = Buffer.concat(messages);
        const reader = new FrameReader(1_000);
        const received: Buffer[] = [];
        for (let at = 0, cut = 0; at < stream.length; cut++) {
          const size = sizes[cut % sizes.length]!;
          reader.push(stream.subarray(at, at + size));
          received.push(...drain(reader));
          at += size;
        }
        expect(received).toEqual(messages);
      }),
    );
  });

  it('puts a big message together in time that grows with its size', () => {
    const big = message('Q', Buffer.alloc(32 * 1024 * 1024));
    const reader = new FrameReader(64 * 1024 * 1024);
    const startedAt = performance.now();
    for (let at = 0; at < big.length; at += 16_384) {
      expect(reader.next(1)).toBeNull();
      reader.push(big.subarray(at, at + 16_384));
    }
    expect(reader.next(1)?.length).toBe(big.length);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it.each([
    ['shorter than its own length field', [0x51, 0, 0, 0, 3]],
    ['of a negative length', [0x51, 0xff, 0xff, 0xff, 0xff]],
    ['over the limit', [0x51, 0, 1, 0, 0]],
  ])('refuses a message that is %s', (_, bytes) => {
    const reader = new FrameReader(1_000);
    reader.push(Buffer.from(bytes));
    expect(() => reader.next(1)).toThrow(MalformedMessage);
  });
});
