import { createHmac, timingSafeEqual } from 'node:crypto';

const HEADER = /^sha256=([0-9a-f]{64})$/;

/** Whether the header has the form of a signature; SHA-1 and nothing at all have not. */
export function isSignature(header: string | undefined): boolean {
  return HEADER.test(header ?? '');
}

/**
 * Whether a webhook's body was signed with one of the secrets: HMAC-SHA256 over the exact bytes, compared in
 * constant time. Several secrets are valid during a rotation.
 *
 * `header` is `X-Hub-Signature-256`; the older `X-Hub-Signature` (SHA-1) is not accepted. Own code over node:crypto
 * because `@octokit/webhooks-methods` takes the body as a string, and decoding would change bytes that aren't UTF-8.
 */
export function verifySignature(
  rawBody: Uint8Array,
  header: string | undefined,
  secrets: readonly string[],
): boolean {
  const signature = HEADER.exec(header ?? '')?.[1];
  if (signature === undefined) return false;
  const given = Buffer.from(signature, 'hex');
  let valid = false;
  // Every secret is tried: how long it takes says nothing about which one matched.
  for (const secret of secrets) {
    if (secret === '') continue;
    const expected = createHmac('sha256', secret).update(rawBody).digest();
    if (timingSafeEqual(given, expected)) valid = true;
  }
  return valid;
}
