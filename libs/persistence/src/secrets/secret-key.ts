import { createHash, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;

/** A key of AES-256. */
export interface SecretKey {
  /** Names the key in what it sealed; says nothing of the key itself. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** @param hex 64 hexadecimal digits */
export function secretKeyOf(hex: string): SecretKey {
  const bytes = Buffer.from(hex, 'hex');
  const id = createHash('sha256').update('devflowfix key id').update(bytes).digest('hex').slice(0, 12);
  return { id, bytes };
}

/** A new key, as hexadecimal digits. */
export function newSecretKey(): string {
  return randomBytes(KEY_BYTES).toString('hex');
}
