import { createHmac } from 'node:crypto';
import { sign } from '@octokit/webhooks-methods';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verifySignature } from './verify-signature.js';

const signed = (secret: string, body: Uint8Array) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
const secret = fc.string({ minLength: 1 });
const body = fc.uint8Array({ maxLength: 500 });

describe('verifySignature', () => {
  it("accepts GitHub's documented example", () => {
    // https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
    const documented = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    expect(verifySignature(Buffer.from('Hello, World!'), documented, ["It's a Secret to Everybody"])).toBe(
      true,
    );
  });

  it("accepts what GitHub's own library signs", async () => {
    const text = '{"zen":"Ünïcödé is fine 🎉"}';
    expect(verifySignature(Buffer.from(text), await sign('s3cret', text), ['s3cret'])).toBe(true);
  });

  it('accepts any body, also one that is no UTF-8, signed with any of the valid secrets', () => {
    fc.assert(
      fc.property(body, secret, secret, (bytes, current, previous) => {
        expect(verifySignature(bytes, signed(current, bytes), [current, previous])).toBe(true);
        expect(verifySignature(bytes, signed(previous, bytes), [current, previous])).toBe(true);
      }),
    );
  });

  it('refuses a body of which one bit was changed', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        secret,
        fc.nat(),
        (bytes, key, position) => {
          const header = signed(key, bytes);
          const changed = Uint8Array.from(bytes);
          changed[position % bytes.length]! ^= 1;
          expect(verifySignature(changed, header, [key])).toBe(false);
        },
      ),
    );
  });

  it('refuses another secret, no secret, and an empty one', () => {
    const bytes = Buffer.from('{}');
    expect(verifySignature(bytes, signed('theirs', bytes), ['ours'])).toBe(false);
    expect(verifySignature(bytes, signed('ours', bytes), [])).toBe(false);
    expect(verifySignature(bytes, signed('', bytes), [''])).toBe(false);
  });

  it.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['a SHA-1 signature', `sha1=${createHmac('sha1', 'ours').update('{}').digest('hex')}`],
    ['no prefix', createHmac('sha256', 'ours').update('{}').digest('hex')],
    ['half a digest', signed('ours', Buffer.from('{}')).slice(0, 40)],
    ['a digest with something after it', `${signed('ours', Buffer.from('{}'))}0`],
    ['letters that are no hexadecimal', `sha256=${'z'.repeat(64)}`],
  ])('refuses %s', (_, header) => {
    expect(verifySignature(Buffer.from('{}'), header, ['ours'])).toBe(false);
  });
});
