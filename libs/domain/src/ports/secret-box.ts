import { DomainError } from '../errors.js';

/** A secret would have to be sealed, and there is no key to seal it with. */
export class SecretKeyMissing extends DomainError {
  readonly code = 'secret_key_missing';
}

/** A sealed secret can't be opened: its key is gone, it was altered, or it belongs to something else. */
export class SecretUnreadable extends DomainError {
  readonly code = 'secret_unreadable';
}

/**
 * Seals secrets that the product keeps (webhook secrets, private keys, passwords of other services), so that whoever
 * reads the database alone learns none of them.
 *
 * A sealed secret belongs to what it was sealed for, its context, and opens for nothing else: moved to another row it is
 * worthless. Columns of the database take the context of `sealedContext`.
 */
export abstract class SecretBox {
  /**
   * Text without spaces that names the key it was sealed with; never the same twice.
   * @throws SecretKeyMissing
   */
  abstract seal(plain: string, context: string): string;
  /** @throws SecretUnreadable */
  abstract open(sealed: string, context: string): string;
  /** The key that `sealed` needs, to be told apart from others; null when it is no sealed text. */
  abstract keyIdOf(sealed: string): string | null;
  /** The keys that open what they sealed; the first one seals. Empty: there is none (yet). */
  abstract keyIds(): readonly string[];
}

/**
 * The context of a secret in a row of the database. Columns of sealed secrets are of type `text` and their names end in
 * `_sealed`: by this they are found when all are sealed anew with another key.
 * @param id the row's primary key
 */
export function sealedContext(table: string, column: `${string}_sealed`, id: string): string {
  return `${table}.${column}:${id}`;
}
