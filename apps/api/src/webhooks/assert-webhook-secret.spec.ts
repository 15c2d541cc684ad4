import { loadConfig } from '@app/config';
import { Clock, GithubAppSetupRepository, Log, WebhookSecretRepository } from '@app/domain';
import { AppInForce } from '@app/github';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeSecretBox } from '../../../../test/fakes/fake-secret-box.js';
import { InMemoryPersistence } from '../../../../test/fakes/in-memory-persistence/index.js';
import { RecordingLog } from '../../../../test/fakes/recording-log.js';
import { assertWebhookSecret } from './assert-webhook-secret.js';

const NOW = new Date('2026-11-20T12:00:00Z');
const PRODUCTION = { NODE_ENV: 'production', SECRETS_KEY: 'ab'.repeat(32) };

describe('a start in production', () => {
  let store: InMemoryPersistence;
  let log: RecordingLog;
  const box = new FakeSecretBox();
  const clock = { now: () => NOW };
  beforeEach(() => {
    store = new InMemoryPersistence(clock);
    log = new RecordingLog();
  });

  function start(env: Record<string, string> = {}): Promise<void> {
    const config = loadConfig({ ...PRODUCTION, ...env });
    const parts = new Map<unknown, unknown>([
      [Clock, clock],
      [Log, log],
      [AppInForce, new AppInForce(config.github, { apps: store.githubApps, box, clock, log })],
      [WebhookSecretRepository, store.webhookSecrets],
      [GithubAppSetupRepository, store.githubAppSetups],
    ]);
    return assertWebhookSecret({ get: (token: unknown) => parts.get(token) } as never, config);
  }

  it('is refused without any webhook secret, and says what to do', async () => {
    await expect(start()).rejects.toThrow(/GITHUB_WEBHOOK_SECRET.*npm run cli -- github setup/);
    await expect(start({ NODE_ENV: 'development' })).resolves.toBeUndefined();
  });

  it('is allowed by the secret of the environment, of the stored App, or of a project', async () => {
    await start({ GITHUB_WEBHOOK_SECRET: 'hook' });
    const app = {
      host: 'api.github.com',
      appId: 1,
      slug: 'fix',
      clientId: 'c',
      url: 'https://github.com/apps/fix',
      owner: null,
      createdAt: NOW,
      createdBy: 'cli',
      privateKeySealed: box.seal('pem', 'github_apps.private_key_sealed:api.github.com'),
      clientSecretSealed: 'x',
      webhookSecretSealed: box.seal('hook', 'github_apps.webhook_secret_sealed:api.github.com'),
    };
    await store.githubApps.add(app);
    await start();
    await store.githubApps.remove(app.host);
    await expect(start()).rejects.toThrow(/no webhook secret at all/);
    const { id: projectId } = await store.projects.ensure({ host: 'github.com', owner: 'o', name: 'r' });
    await store.webhookSecrets.rotate(
      { id: 's', projectId, sealed: 'x', createdAt: NOW, expiresAt: null },
      NOW,
    );
    await start();
  });

  it('is allowed while an App is being set up, and no longer than that', async () => {
    const setup = { id: 's', ticketHash: 't', browserHash: null, stateHash: null, createdBy: 'cli' };
    const add = (id: string, expiresAt: Date): Promise<void> =>
      store.githubAppSetups.add({ ...setup, id, createdAt: NOW, expiresAt, usedAt: null }, new Date(0));
    await add('ended', NOW);
    await expect(start()).rejects.toThrow(/no webhook secret at all/);
    await add('open', new Date(NOW.getTime() + 1));
    await start();
    expect(log.of('webhooks_refused')).toHaveLength(1);
  });
});
