import type { Config } from '@app/config';
import type { SecretBox } from '@app/domain';
import { AesSecretBox } from './aes-secret-box.js';
import { KeyFile } from './key-file.js';
import { EnvironmentKeys } from './key-ring.js';

/** What the choice of keys needs of the configuration. */
export type SecretsEnvironment = Pick<Config, 'nodeEnv' | 'dataDir' | 'database' | 'secrets'>;

/** Keys come from the environment, and for an embedded database without any from a file of its own. */
export function createSecretBox(config: SecretsEnvironment): SecretBox {
  return new AesSecretBox(keyFileOf(config) ?? new EnvironmentKeys(config.secrets));
}

/** The key file of an embedded database; null where keys come from the environment. */
export function keyFileOf({ nodeEnv, dataDir, database, secrets }: SecretsEnvironment): KeyFile | null {
  const isEmbedded = database.url === null && secrets.key === null && nodeEnv !== 'production';
  return isEmbedded ? new KeyFile(dataDir) : null;
}
