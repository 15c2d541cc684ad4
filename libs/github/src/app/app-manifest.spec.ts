import { describe, expect, it } from 'vitest';
import { webAddressOf } from './addresses.js';
import { appManifest } from './app-manifest.js';

const options = {
  apiUrl: 'https://api.github.com',
  publicUrl: 'https://ci.example.com',
  suffix: 'a1b2c3',
  use: 'act',
} as const;

describe('the manifest of the GitHub App', () => {
  it('asks for what the product needs, and sends its webhooks to it', () => {
    expect(appManifest(options)).toEqual({
      name: 'devflowfix-a1b2c3',
      url: 'https://ci.example.com',
      description: expect.any(String) as string,
      redirect_url: 'https://ci.example.com/api/v1/setup/github-app/callback',
      public: false,
      hook_attributes: { url: 'https://ci.example.com/api/v1/webhooks/github', active: true },
      default_events: ['workflow_run', 'workflow_job', 'check_run', 'pull_request', 'push'],
      default_permissions: {
        metadata: 'read',
        actions: 'write',
        contents: 'write',
        pull_requests: 'write',
        checks: 'write',
        issues: 'write',
      },
    });
  });

  it('writes nothing when it is only to diagnose', () => {
    const { default_permissions } = appManifest({ ...options, use: 'diagnose' });
    expect(new Set(Object.values(default_permissions))).toEqual(new Set(['read']));
    expect(default_permissions).not.toHaveProperty('issues');
  });

  it('has no webhook where GitHub can not reach the product', () => {
    const manifest = appManifest({ ...options, publicUrl: 'http://localhost:3000' });
    expect(manifest).not.toHaveProperty('hook_attributes');
    expect(manifest).not.toHaveProperty('default_events');
  });

  it.each([
    ['https://api.github.com', 'https://github.com'],
    ['https://ghe.example.com/api/v3', 'https://ghe.example.com'],
    ['https://api.acme.ghe.com', 'https://acme.ghe.com'],
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
  ])('is handed to the pages of %s', (apiUrl, web) => {
    expect(webAddressOf(apiUrl)).toBe(web);
  });
});
