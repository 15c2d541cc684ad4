import type { SecretsConfig } from '@app/config';
import { SecretKeyMissing } from '@app/domain';
import { secretKeyOf, type SecretKey } from './secret-key.js';

/** The keys that secrets are sealed and opened with. */
export interface KeyRing {
  /** What seals. @throws SecretKeyMissing */
  sealing(): SecretKey;
  /** What opens; looks again where keys come from before it gives up. */
  find(id: string): SecretKey | null;
  /** The one that seals first. */
  ids(): readonly string[];
}

/** Keys from the environment: the same as long as the process lives. */
export class EnvironmentKeys implements KeyRing {
  private readonly keys: readonly SecretKey[];

  constructor({ key, previousKey }: SecretsConfig) {
    this.keys = [key, previousKey].filter((hex) => hex !== null).map(secretKeyOf);
  }

  sealing(): SecretKey {
    const [key] = this.keys;
    if (key) return key;
    throw new SecretKeyMissing(
      'A secret can’t be kept: there is no key to seal it with. Set SECRETS_KEY to what “npm run cli -- secrets new-key” prints, in every process, and start the product again.',
    );
  }

  find(id: string): SecretKey | null {
    return this.keys.find((key) => key.id === id) ?? null;
  }

  ids(): readonly string[] {
    return this.keys.map(({ id }) => id);
  }
}
