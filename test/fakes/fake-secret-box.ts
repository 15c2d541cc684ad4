import { SecretUnreadable, type SecretBox } from '@app/domain';

/** A box that hides nothing and still opens only for its context. */
export class FakeSecretBox implements SecretBox {
  private count = 0;

  constructor(private readonly keys: readonly string[] = ['fake']) {}

  seal(plain: string, context: string): string {
    const content = JSON.stringify([plain, context, this.count++]);
    return `fake.${this.keys[0]}.${Buffer.from(content).toString('base64url')}`;
  }

  open(sealed: string, context: string): string {
    const [, keyId, content] = /^fake\.([\da-z]+)\.([\w-]+)$/.exec(sealed) ?? [];
    if (keyId === undefined || !this.keys.includes(keyId)) throw new SecretUnreadable('No key.');
    const opened = read(content!);
    if (opened?.[1] !== context) throw new SecretUnreadable('Not what this was sealed for.');
    return opened[0];
  }

  keyIdOf(sealed: string): string | null {
    return /^fake\.([\da-z]+)\./.exec(sealed)?.[1] ?? null;
  }

  keyIds(): readonly string[] {
    return this.keys;
  }
}

/** Null for what was altered: a real box sees every changed bit, this one what breaks its own form. */
function read(content: string): [string, string, number] | null {
  try {
    const bytes = Buffer.from(content, 'base64url');
    const text = bytes.toString('utf8');
    const value = JSON.parse(text) as [string, string, number];
    return JSON.stringify(value) === text && bytes.toString('base64url') === content ? value : null;
  } catch {
    return null;
  }
}
