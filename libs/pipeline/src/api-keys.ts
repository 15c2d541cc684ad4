import { createHash, randomBytes } from 'node:crypto';
import type { ApiKey, ApiKeyRepository, Role } from '@app/domain';

/** Makes keys recognisable to secret scanners and to people. */
const KEY_PREFIX = 'dff_';
const KEY_BYTES = 32;

/** SHA-256, hex. The key holds 256 random bits, so a fast hash without salt gives nothing away. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Makes an API key. The key itself is answered once and never stored. */
export class IssueApiKey {
  constructor(private readonly keys: ApiKeyRepository) {}

  async run(
    name: string,
    role: Role,
    projectIds: readonly string[] | null = null,
  ): Promise<{ key: string; record: ApiKey }> {
    const key = KEY_PREFIX + randomBytes(KEY_BYTES).toString('base64url');
    const record = await this.keys.create({ name, role, projectIds, hash: hashApiKey(key) });
    return { key, record };
  }
}
