import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SecretKeyMissing, SecretUnreadable } from '@app/domain';
import { loadConfig } from '@app/config';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSecretBox, keyFileOf } from './create-secret-box.js';

const SERVER = { DATABASE_URL: 'postgres://localhost/x' };
const boxOf = (environment: Record<string, string>) => createSecretBox(loadConfig(environment));

describe('sealing with AES-256-GCM', () => {
  const key = randomBytes(32).toString('hex');
  const box = boxOf({ ...SERVER, SECRETS_KEY: key });

  it('notices every changed character', () => {
    const sealed = box.seal('the secret of a webhook', 'projects.hook_sealed:1');
    const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.constantFrom(...base64), (at, character) => {
        const altered = sealed.slice(0, at) + character + sealed.slice(at + 1);
        // The last character of base64 may hold bits that mean nothing.
        fc.pre(!decoded(altered).equals(decoded(sealed)) || at < 15);
        fc.pre(altered !== sealed);
        expect(() => box.open(altered, 'projects.hook_sealed:1')).toThrow(SecretUnreadable);
      }),
    );
  });

  it('takes a key as base64 and as hexadecimal digits', () => {
    const sealed = box.seal('one', 'a');
    const base64 = Buffer.from(key, 'hex').toString('base64');
    expect(boxOf({ ...SERVER, SECRETS_KEY: base64 }).open(sealed, 'a')).toBe('one');
  });

  it('opens what the previous key sealed, and seals with the new one', () => {
    const rotated = boxOf({
      ...SERVER,
      SECRETS_KEY: randomBytes(32).toString('hex'),
      SECRETS_KEY_PREVIOUS: key,
    });
    expect(rotated.open(box.seal('one', 'a'), 'a')).toBe('one');
    expect(() => box.open(rotated.seal('two', 'a'), 'a')).toThrow(/SECRETS_KEY/);
  });

  it('says how to get a key when a database server has none', () => {
    expect(() => boxOf(SERVER).seal('one', 'a')).toThrow(SecretKeyMissing);
    expect(() => boxOf(SERVER).seal('one', 'a')).toThrow(/secrets new-key/);
  });

  it('never says what the secret or the key is', () => {
    const sealed = box.seal('hunter2', 'a');
    expect(sealed).not.toContain('hunter2');
    expect(sealed).not.toContain(key.slice(0, 12));
    expect(messageOf(() => box.open(sealed, 'b'))).not.toMatch(new RegExp(`hunter2|${key}`));
  });
});

describe('the key file of an embedded database', () => {
  let dataDir: string;
  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'devflowfix-test-'));
  });
  afterAll(() => rmSync(dataDir, { recursive: true }));
  const path = () => join(dataDir, 'secrets.key');

  it('is made with the first secret, for its owner alone, and serves every process after', () => {
    const box = boxOf({ DATA_DIR: dataDir });
    expect(box.keyIds()).toEqual([]);
    const sealed = box.seal('one', 'a');
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(boxOf({ DATA_DIR: dataDir }).open(sealed, 'a')).toBe('one');
  });

  it('is not used where the environment gives a key, nor in production', () => {
    expect(keyFileOf(loadConfig({ DATA_DIR: dataDir, SECRETS_KEY: 'a'.repeat(64) }))).toBeNull();
    expect(keyFileOf(loadConfig({ ...SERVER, DATA_DIR: dataDir }))).toBeNull();
  });

  it('gets a new key while others use it: both see what the other seals', () => {
    const [server, command] = [boxOf({ DATA_DIR: dataDir }), boxOf({ DATA_DIR: dataDir })];
    const old = server.seal('one', 'a');
    keyFileOf(loadConfig({ DATA_DIR: dataDir }))!.addNew();
    const anew = command.seal('two', 'a');
    expect(command.keyIdOf(anew)).not.toBe(command.keyIdOf(old));
    expect(server.open(anew, 'a')).toBe('two');
    expect(command.open(old, 'a')).toBe('one');
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  it('says what to do about a damaged file, and shows nothing of it', () => {
    const content = readFileSync(path(), 'utf8');
    writeFileSync(path(), content.slice(0, 50));
    const message = messageOf(() => boxOf({ DATA_DIR: dataDir }).seal('one', 'a'));
    expect(message).toContain('backup');
    expect(message).not.toContain(content.slice(0, 20));
  });
});

function decoded(sealed: string): Buffer {
  return Buffer.from(sealed.slice(16), 'base64url');
}

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}
