import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { problemsOf } from '../../../test/support/config-problems.js';
import { loadConfig } from './config.js';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});
const folder = mkdtempSync(join(tmpdir(), 'github-app-'));
const file = join(folder, 'app.pem');
writeFileSync(file, privateKey);

afterAll(() => rmSync(folder, { recursive: true }));

describe('the GitHub App of the environment', () => {
  it.each([
    ['a file', { GITHUB_APP_PRIVATE_KEY_FILE: file }],
    ['a PEM', { GITHUB_APP_PRIVATE_KEY: privateKey }],
    ['a PEM with written line ends', { GITHUB_APP_PRIVATE_KEY: privateKey.replaceAll('\n', String.raw`\n`) }],
    ['base64', { GITHUB_APP_PRIVATE_KEY: Buffer.from(privateKey).toString('base64') }],
  ])('takes its key from %s', (_, given) => {
    const { app } = loadConfig({ GITHUB_APP_ID: '12', ...given }).github;
    expect(app?.id).toBe(12);
    expect(app?.privateKey.trim()).toBe(privateKey.trim());
  });

  it('is none by default', () => {
    expect(loadConfig({}).github.app).toBeNull();
  });

  it.each([
    [{ GITHUB_APP_ID: '12' }, /needs the App’s private key/],
    [{ GITHUB_APP_PRIVATE_KEY: 'x' }, /GITHUB_APP_ID is not set/],
    [
      { GITHUB_APP_ID: '12', GITHUB_APP_PRIVATE_KEY: privateKey, GITHUB_APP_PRIVATE_KEY_FILE: file },
      /either/,
    ],
    [
      { GITHUB_APP_ID: '12', GITHUB_APP_PRIVATE_KEY_FILE: join(folder, 'none') },
      /none can't be read \(ENOENT\)/,
    ],
    [{ GITHUB_APP_ID: '12', GITHUB_APP_PRIVATE_KEY: 'no-key-at-all' }, /holds no private key/],
  ])('says what is wrong and shows no key: %#', (given, problem) => {
    const problems = problemsOf(given as Record<string, string>).join('\n');
    expect(problems).toMatch(problem);
    expect(problems).not.toMatch(/no-key-at-all|BEGIN/);
  });
});
