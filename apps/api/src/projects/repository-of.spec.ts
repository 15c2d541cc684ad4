import { loadConfig } from '@app/config';
import { describe, expect, it } from 'vitest';
import { repositoryOf } from './repository-of.js';

function hostOf(name: string, apiUrl: string): string {
  return repositoryOf(name, loadConfig({ GITHUB_API_URL: apiUrl })).host;
}

describe('repositoryOf', () => {
  it.each([
    ['https://api.github.com', 'github.com'],
    ['https://ghe.example.com/api/v3', 'ghe.example.com'],
    ['https://ghe.example.com:8443/api/v3', 'ghe.example.com:8443'],
    ['https://api.acme.ghe.com', 'acme.ghe.com'],
    ['http://127.0.0.1:8080', 'github.com'],
  ])('takes a name without a host for one that %s serves', (apiUrl, host) => {
    expect(hostOf('o/r', apiUrl)).toBe(host);
  });

  it('keeps the host that is named', () => {
    expect(hostOf('other.example/o/r', 'https://ghe.example.com/api/v3')).toBe('other.example');
  });
});
