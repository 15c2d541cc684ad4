import type { Env } from './env-schema.js';

const KEY_BYTES = 32;

/** The keys that secrets in the database are sealed with, as hexadecimal digits. */
export interface SecretsConfig {
  /** Null: the embedded database's own key file serves; with a database server nothing can be sealed. */
  readonly key: string | null;
  /** Still opens what it sealed, until all is sealed anew. */
  readonly previousKey: string | null;
}

/** Adds to `problems` what is wrong; never what a key holds. */
export function secretsConfig(env: Env, problems: string[]): SecretsConfig {
  const key = keyOf('SECRETS_KEY', env.SECRETS_KEY, problems);
  const previousKey = keyOf('SECRETS_KEY_PREVIOUS', env.SECRETS_KEY_PREVIOUS, problems);
  if (env.SECRETS_KEY_PREVIOUS !== undefined && env.SECRETS_KEY === undefined) {
    problems.push('SECRETS_KEY_PREVIOUS is set, but SECRETS_KEY, which replaces it, is not.');
  }
  if (env.NODE_ENV === 'production' && env.SECRETS_KEY === undefined) {
    problems.push(
      'SECRETS_KEY is not set: in production secrets are sealed with a key from the environment. “npm run cli -- secrets new-key” prints one.',
    );
  }
  return { key, previousKey };
}

function keyOf(
  name: 'SECRETS_KEY' | 'SECRETS_KEY_PREVIOUS',
  text: string | undefined,
  problems: string[],
): string | null {
  if (text === undefined) return null;
  const bytes = /^[\da-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
  // Node reads as base64 what it can and skips the rest: a passphrase must not pass as a key.
  if (bytes.length === KEY_BYTES && /^[\w+/-]{43,64}=?$/.test(text)) return bytes.toString('hex');
  problems.push(
    `${name} must be ${KEY_BYTES} random bytes as base64 or hexadecimal digits; “npm run cli -- secrets new-key” prints such a key.`,
  );
  return null;
}
