import { createHmac, randomUUID } from 'node:crypto';

export interface SignedDelivery {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A webhook as GitHub sends it: the body's exact text, signed, with GitHub's headers. */
export function signedDelivery(
  event: string,
  payload: unknown,
  secret: string,
  id: string = randomUUID(),
): SignedDelivery {
  const body = JSON.stringify(payload);
  return {
    id,
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/044aadd',
      'x-github-delivery': id,
      'x-github-event': event,
      'x-github-hook-id': '292430182',
      'x-github-hook-installation-target-type': 'repository',
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    },
  };
}
