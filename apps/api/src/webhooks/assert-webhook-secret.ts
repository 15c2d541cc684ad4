import { InvalidConfiguration, type Config } from '@app/config';
import { Clock, GithubAppSetupRepository, Log, WebhookSecretRepository } from '@app/domain';
import { AppInForce } from '@app/github';
import type { INestApplicationContext } from '@nestjs/common';

/**
 * In production deliveries must be signed, by whichever secret there is: that of the environment, of the GitHub App that
 * was set up, or a project's own. While an App is being set up there may be none yet.
 * @throws InvalidConfiguration
 */
export async function assertWebhookSecret(app: INestApplicationContext, { nodeEnv }: Config): Promise<void> {
  if (nodeEnv !== 'production') return;
  const now = app.get(Clock).now();
  if ((await app.get(AppInForce).webhookSecrets()).length > 0) return;
  if (await app.get(WebhookSecretRepository).isAnyActive(now)) return;
  if (await app.get(GithubAppSetupRepository).isAnyOpen(now)) {
    app.get(Log).warn({ until: 'github_app_set_up' }, 'webhooks_refused');
    return;
  }
  throw new InvalidConfiguration([
    'There is no webhook secret at all: in production webhooks must be signed. Set GITHUB_WEBHOOK_SECRET to the secret of your GitHub webhook; or set PUBLIC_URL, run “npm run cli -- github setup” and start within 15 minutes, to have GitHub make an App with a secret of its own.',
  ]);
}
