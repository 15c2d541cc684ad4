import { GITHUB_HOST } from '@app/domain';
import { zoneOf } from '@app/net';

/** Where GitHub sends deliveries to, below the product's public address. */
export const WEBHOOK_PATH = '/api/v1/webhooks/github';
/** Where the GitHub App is set up; a link's ticket stands behind it. */
export const APP_SETUP_PATH = '/api/v1/setup/github-app';

/** The pages that belong to an API: `https://github.com`, or a GitHub Enterprise server. */
export function webAddressOf(apiUrl: string): string {
  const api = new URL(apiUrl);
  // GitHub Enterprise Cloud with data residency answers at api.SUBDOMAIN.ghe.com; a server at its own name.
  if (!isLoopback(api)) api.hostname = api.hostname.replace(/^api\./, '');
  return api.origin;
}

/** The host whose repositories an API serves; null for one on loopback (tests, the demo), which serves any. */
export function servedHostOf(apiUrl: string): string | null {
  const api = new URL(apiUrl);
  if (api.host === 'api.github.com') return GITHUB_HOST;
  if (isLoopback(api)) return null;
  // GitHub Enterprise Cloud with data residency answers at api.SUBDOMAIN.ghe.com; a server at its own name.
  return api.host.replace(/^api\./, '');
}

/** Whose App it is: each API has Apps of its own. */
export function appHostOf(apiUrl: string): string {
  return new URL(apiUrl).host;
}

/** Whether a webhook of this GitHub can come to this address. */
export function isReachedFrom(apiUrl: string, publicUrl: string): boolean {
  return !isLoopback(new URL(publicUrl)) || isLoopback(new URL(apiUrl));
}

function isLoopback({ hostname }: URL): boolean {
  const literal = hostname.replace(/^\[|\]$/g, '');
  return literal === 'localhost' || zoneOf(literal) === 'loopback';
}
