import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { describe, expect, it } from 'vitest';
import { problemsOf } from '../../../test/support/config-problems.js';
import { loadConfig } from './config.js';
import { envSchema } from './env-schema.js';

describe('loadConfig', () => {
  it('runs on nothing: embedded parts, loopback only, rules instead of a model', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      database: { url: null },
      redisUrl: null,
      llm: null,
      http: { host: '127.0.0.1', port: 3000 },
    });
    expect(isAbsolute(config.dataDir)).toBe(true);
  });

  it('treats an empty variable as unset', () => {
    expect(loadConfig({ PORT: '', REDIS_URL: '  ', CACHE_ENABLED: '' })).toEqual(loadConfig({}));
  });

  it('caches on the Redis of the queues unless it is given its own', () => {
    expect(loadConfig({ REDIS_URL: 'redis://a' }).cache.redisUrl).toBe('redis://a');
    expect(loadConfig({ REDIS_URL: 'redis://a', CACHE_REDIS_URL: 'redis://b' }).cache.redisUrl).toBe(
      'redis://b',
    );
  });

  it('listens on every address once a database server is given', () => {
    expect(loadConfig({ DATABASE_URL: 'postgres://db/x' }).http.host).toBe('0.0.0.0');
    expect(loadConfig({ DATABASE_URL: 'postgres://db/x', HOST: '127.0.0.1' }).http.host).toBe('127.0.0.1');
  });

  it('names every wrong variable at once, and never prints a secret', () => {
    const problems = problemsOf({
      PORT: 'eighty',
      REDIS_URL: 'http://x',
      LLM_API_KEY: 'sk-hush',
      LLM_PROVIDER: 'nobody',
    });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['PORT', 'REDIS_URL', 'LLM_PROVIDER']);
    expect(problems.join()).not.toContain('sk-hush');
  });

  it('asks for what a preset lacks', () => {
    expect(problemsOf({ LLM_PROVIDER: 'openai' })).toEqual([expect.stringContaining('LLM_API_KEY')]);
    expect(problemsOf({ LLM_PROVIDER: 'vllm' })).toEqual([
      expect.stringContaining('LLM_BASE_URL'),
      expect.stringContaining('LLM_MODEL'),
    ]);
    expect(loadConfig({ LLM_PROVIDER: 'ollama' }).llm?.baseUrl).toContain('127.0.0.1');
  });

  it('refuses production without a key for secrets', () => {
    expect(problemsOf({ NODE_ENV: 'production' })).toEqual([expect.stringContaining('SECRETS_KEY')]);
  });

  it('takes the public address with and without a slash at its end', () => {
    expect(loadConfig({}).http.publicUrl).toBeNull();
    for (const url of ['https://ci.example.com/fix', 'https://ci.example.com/fix//'])
      expect(loadConfig({ PUBLIC_URL: url }).http.publicUrl).toBe('https://ci.example.com/fix');
    expect(problemsOf({ PUBLIC_URL: 'ci.example.com' })).toEqual([expect.stringContaining('PUBLIC_URL')]);
  });

  it('accepts both secrets during a rotation, the new one first', () => {
    const { github } = loadConfig({ GITHUB_WEBHOOK_SECRET: 'new', GITHUB_WEBHOOK_SECRET_PREVIOUS: 'old' });
    expect(github.webhookSecrets).toEqual(['new', 'old']);
  });

  it('can not be changed afterwards', () => {
    const config = loadConfig({});
    expect(() => Object.assign(config.http, { port: 1 })).toThrow(TypeError);
  });
});

describe('.env.example', () => {
  const example = readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8');
  const set = Object.fromEntries(
    example
      .split('\n')
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

  it('names exactly the variables that are read: by the product, or by the compose file', () => {
    const compose = readFileSync(new URL('../../../docker/compose.yaml', import.meta.url), 'utf8');
    const composed = [...compose.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name!);
    expect(composed).toContain('POSTGRES_PASSWORD');
    expect(Object.keys(set).toSorted()).toEqual(
      [...new Set([...Object.keys(envSchema.shape), ...composed])].toSorted(),
    );
  });

  it('shows the defaults', () => {
    expect(loadConfig(set)).toEqual(loadConfig({}));
  });
});
