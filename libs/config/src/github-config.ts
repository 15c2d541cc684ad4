import { readFileSync } from 'node:fs';
import { createPrivateKey } from 'node:crypto';
import type { Env } from './env-schema.js';

export interface GithubAppConfig {
  readonly id: number;
  /** PEM. */
  readonly privateKey: string;
}

/** The GitHub App; null when none is given. Adds to `problems` what is wrong, never what a key holds. */
export function githubAppConfig(env: Env, problems: string[]): GithubAppConfig | null {
  const given = [env.GITHUB_APP_PRIVATE_KEY, env.GITHUB_APP_PRIVATE_KEY_FILE].filter(Boolean).length;
  if (env.GITHUB_APP_ID === undefined && given === 0) return null;
  if (env.GITHUB_APP_ID === undefined) {
    problems.push(
      'GITHUB_APP_ID is not set, but the App’s key is: set it to the number on the App’s settings page.',
    );
    return null;
  }
  if (given !== 1) {
    problems.push(
      'GITHUB_APP_ID needs the App’s private key: set either GITHUB_APP_PRIVATE_KEY_FILE or GITHUB_APP_PRIVATE_KEY.',
    );
    return null;
  }
  const privateKey = keyOf(env, problems);
  return privateKey === null ? null : { id: env.GITHUB_APP_ID, privateKey };
}

/** Says what is wrong with a key, never what it holds. */
function keyOf(env: Env, problems: string[]): string | null {
  const file = env.GITHUB_APP_PRIVATE_KEY_FILE;
  const name = file === undefined ? 'GITHUB_APP_PRIVATE_KEY' : 'GITHUB_APP_PRIVATE_KEY_FILE';
  let text = env.GITHUB_APP_PRIVATE_KEY ?? '';
  if (file !== undefined) {
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      problems.push(
        `${name}: ${file} can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`,
      );
      return null;
    }
  }
  const pem = pemOf(text.trim());
  try {
    createPrivateKey(pem);
    return pem;
  } catch {
    problems.push(
      `${name} holds no private key: it must be the PEM file that GitHub gave for the App (as base64, or with \\n for its line ends, where it is a variable).`,
    );
    return null;
  }
}

/** Variables often can't hold line ends: a key may be base64, or have them written as \n. */
function pemOf(text: string): string {
  if (text.includes('-----BEGIN')) return text.replaceAll(String.raw`\n`, '\n');
  return Buffer.from(text, 'base64').toString('utf8');
}
