import { generateKeyPairSync } from 'node:crypto';
import type { AppSeed, InstallationSeed } from '@app/github';

const pair = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  // As GitHub gives it.
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

/** The App of a test: its credentials, and what the stand-in is told of it. */
export const TEST_APP = { id: 4_711, privateKey: pair.privateKey, slug: 'devflowfix-test' };

export function testApp(installations: readonly InstallationSeed[], changed: Partial<AppSeed> = {}): AppSeed {
  return {
    id: TEST_APP.id,
    slug: TEST_APP.slug,
    publicKey: pair.publicKey,
    permissions: { actions: 'read', metadata: 'read' },
    installations,
    ...changed,
  };
}
