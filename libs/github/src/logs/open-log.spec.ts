import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AddressGuard, RefusedAddress, RefusedRedirect, type GuardedGetOptions } from '@app/net';
import { GithubStandIn } from '../stand-in/github-stand-in.js';
import { openLog } from './open-log.js';

describe('openLog', () => {
  let github: GithubStandIn;
  let options: GuardedGetOptions;

  beforeEach(async () => {
    github = await GithubStandIn.start();
    github.addRun({ repository: 'octo/app', id: 1, jobs: [{ id: 7, name: 'unit', log: 'the log\n' }] });
    options = {
      guard: await AddressGuard.forApi('127.0.0.1'),
      allowHttp: true,
      idleTimeoutMs: 2_000,
      signal: new AbortController().signal,
    };
  });

  afterEach(() => github.close());

  const open = async (address: string, changed: Partial<GuardedGetOptions> = {}) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await openLog(new URL(address), { ...options, ...changed })) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };

  it('follows redirects between storages to the log', async () => {
    github.fail('storage', { kind: 'redirect', to: `${github.storageUrl}/logs/7` }, 3);
    expect(await open(`${github.storageUrl}/logs/7`)).toBe('the log\n');
  });

  it('gives up a circle of redirects', async () => {
    github.fail('storage', { kind: 'redirect', to: `${github.storageUrl}/logs/7` }, 50);
    await expect(open(`${github.storageUrl}/logs/7`)).rejects.toThrow(RefusedRedirect);
    expect(github.calls.storage).toBe(6);
  });

  it('never reaches a loopback address for an API on the internet, by number or by name', async () => {
    const guard = await AddressGuard.forApi('140.82.121.6');
    const byName = github.storageUrl.replace('127.0.0.1', 'localhost');
    await expect(open(`${github.storageUrl}/logs/7`, { guard })).rejects.toThrow(RefusedAddress);
    await expect(open(`${byName}/logs/7`, { guard })).rejects.toThrow(RefusedAddress);
    expect(github.requests).toEqual([]);
  });

  it.each([
    '10.0.0.7',
    '172.16.3.4',
    '192.168.1.1',
    '100.64.0.9',
    '[fd00::7]',
    '169.254.169.254',
    '[::ffff:10.0.0.7]',
  ])('never asks %s for an API on the internet', async (host) => {
    const guard = await AddressGuard.forApi('140.82.121.6');
    await expect(open(`http://${host}/log`, { guard })).rejects.toThrow(RefusedAddress);
  });

  it('refuses a redirect from a storage it may reach to an address it may not', async () => {
    github.fail('storage', { kind: 'redirect', to: 'http://169.254.169.254/latest/meta-data' });
    await expect(open(`${github.storageUrl}/logs/7`)).rejects.toThrow(RefusedAddress);
  });

  it.each(['ftp://127.0.0.1/log', 'file:///etc/passwd', 'data:text/plain,log'])(
    'refuses %s',
    async (address) => {
      await expect(open(address)).rejects.toThrow(RefusedRedirect);
    },
  );

  it('refuses plain http when the API is reached by https', async () => {
    await expect(open(`${github.storageUrl}/logs/7`, { allowHttp: false })).rejects.toThrow(/plain http/);
  });
});
