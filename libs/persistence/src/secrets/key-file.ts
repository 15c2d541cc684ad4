import { randomUUID } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInput } from '@app/domain';
import type { KeyRing } from './key-ring.js';
import { newSecretKey, secretKeyOf, type SecretKey } from './secret-key.js';

const FILE = 'secrets.key';

/**
 * Keys of an embedded database, in a file beside it that its owner alone may read: one a line as hexadecimal digits, the
 * one that seals first. Made when the first secret is sealed, and read again when another process changed it.
 */
export class KeyFile implements KeyRing {
  readonly path: string;
  private known: readonly SecretKey[] | null = null;

  constructor(private readonly dataDir: string) {
    this.path = join(dataDir, FILE);
  }

  sealing(): SecretKey {
    return (this.read()[0] ?? this.create()[0])!;
  }

  find(id: string): SecretKey | null {
    const isIt = (key: SecretKey) => key.id === id;
    return (this.known ?? []).find(isIt) ?? this.read().find(isIt) ?? null;
  }

  ids(): readonly string[] {
    return this.read().map(({ id }) => id);
  }

  /** Puts a new key before the others; what they sealed still opens. */
  addNew(): void {
    this.write([newSecretKey(), ...this.lines()]);
  }

  /** Forgets every key but the one that seals. */
  keepNewest(): void {
    this.write(this.lines().slice(0, 1));
  }

  /** Two processes may come here at once: the first one's key is both's. */
  private create(): readonly SecretKey[] {
    const draft = this.draft([newSecretKey()]);
    try {
      linkSync(draft, this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft);
    }
    return this.read();
  }

  private write(lines: readonly string[]): void {
    renameSync(this.draft(lines), this.path);
    this.read();
  }

  private draft(lines: readonly string[]): string {
    mkdirSync(this.dataDir, { recursive: true, mode: 0o700 });
    const path = `${this.path}.${randomUUID()}`;
    writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx', flush: true });
    // The process's umask may have taken away more, never less.
    chmodSync(path, 0o600);
    return path;
  }

  private read(): readonly SecretKey[] {
    return (this.known = this.lines().map(secretKeyOf));
  }

  private lines(): string[] {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    const lines = text.split('\n').filter((line) => line !== '');
    if (lines.length > 0 && lines.every((line) => /^[\da-f]{64}$/.test(line))) return lines;
    throw new InvalidInput(
      `${this.path}, which holds the key of the secrets in the database, is damaged. Put it back from a backup; without it the secrets must be entered anew (remove the file then).`,
    );
  }
}
