import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SecretUnreadable, type SecretBox } from '@app/domain';
import type { KeyRing } from './key-ring.js';

const CIPHER = 'aes-256-gcm';
const VERSION = 's1';
/** NIST SP 800-38D: 96 random bits, and a tag of 128. */
const IV_BYTES = 12;
const TAG_BYTES = 16;
const SEALED = /^s1\.([\da-f]{12})\.([\w-]+)$/;

/** AES-256-GCM: `s1.{key id}.{base64url of iv, tag and ciphertext}`; version, key id and context are authenticated. */
export class AesSecretBox implements SecretBox {
  constructor(private readonly keys: KeyRing) {}

  seal(plain: string, context: string): string {
    const key = this.keys.sealing();
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, key.bytes, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(additionalData(key.id, context));
    const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    const bytes = Buffer.concat([iv, cipher.getAuthTag(), text]);
    return `${VERSION}.${key.id}.${bytes.toString('base64url')}`;
  }

  open(sealed: string, context: string): string {
    const [, keyId, body] = SEALED.exec(sealed) ?? [];
    if (keyId === undefined || body === undefined) {
      throw new SecretUnreadable(`The secret of ${context} is damaged; enter it anew.`, { context });
    }
    const key = this.keys.find(keyId);
    if (!key) {
      throw new SecretUnreadable(
        `The secret of ${context} was sealed with the key ${keyId}, which is not here. Set that key as SECRETS_KEY (or as SECRETS_KEY_PREVIOUS beside a newer one), or enter the secret anew.`,
        { context, keyId },
      );
    }
    const bytes = Buffer.from(body, 'base64url');
    try {
      const iv = bytes.subarray(0, IV_BYTES);
      const decipher = createDecipheriv(CIPHER, key.bytes, iv, { authTagLength: TAG_BYTES });
      decipher.setAAD(additionalData(keyId, context));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      const text = [decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()];
      return Buffer.concat(text).toString('utf8');
    } catch (cause) {
      throw new SecretUnreadable(
        `The secret of ${context} was altered or belongs to something else; enter it anew.`,
        { context, keyId },
        { cause },
      );
    }
  }

  keyIdOf(sealed: string): string | null {
    return SEALED.exec(sealed)?.[1] ?? null;
  }

  keyIds(): readonly string[] {
    return this.keys.ids();
  }
}

function additionalData(keyId: string, context: string): Buffer {
  return Buffer.from(`${VERSION}.${keyId}.${context}`, 'utf8');
}
