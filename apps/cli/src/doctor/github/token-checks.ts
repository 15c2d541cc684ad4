import type { Config } from '@app/config';
import { failed, ok, skipped, warning, type Check, type Finding } from './check.js';

const ANSWER_LIMIT_MS = 10_000;
/** Below this a busy repository's webhooks use up what is left within minutes. */
const FEW_CALLS = 100;

/** GitHub: the token, when there is one, and the webhook's secret. A GitHub App's key is read with the configuration. */
export function githubPart({ github }: Config): Check[] {
  return [
    {
      name: 'GitHub: token',
      run: async () =>
        github.token === null
          ? skipped(
              github.app === null
                ? 'GITHUB_TOKEN is not set: only public repositories can be read'
                : 'GITHUB_TOKEN is not set: only where the GitHub App is installed can be read (not tried here)',
            )
          : askForRate(github.apiUrl, github.token),
    },
    { name: 'GitHub: webhook secret', run: async () => webhookSecret(github.webhookSecrets.length) },
  ];
}

async function askForRate(apiUrl: string, token: string): Promise<Finding> {
  let response: Response;
  try {
    response = await fetch(`${apiUrl.replace(/\/$/, '')}/rate_limit`, {
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/vnd.github+json',
        'user-agent': 'devflowfix',
      },
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    return failed(
      'github_away',
      `${apiUrl}: ${reason}`,
      'Check GITHUB_API_URL and the way to it (DNS, firewall, proxy).',
    );
  }
  const limit = Number(response.headers.get('x-ratelimit-limit'));
  const remaining = Number(response.headers.get('x-ratelimit-remaining'));
  await response.body?.cancel();
  if (response.status === 401)
    return failed(
      'github_unauthorized',
      `${apiUrl} does not accept the token`,
      'Make a new fine-grained token that may read actions, and put it into GITHUB_TOKEN.',
    );
  // GitHub Enterprise without rate limits answers 404 here, and has accepted the token then.
  if (response.status === 404) return ok(`${apiUrl} accepts the token; it has no rate limit`);
  if (!response.ok)
    return failed(
      'github_error',
      `${apiUrl} answered ${response.status}`,
      'See githubstatus.com, or try again later.',
    );
  const detail = `${apiUrl} accepts the token; ${remaining} of ${limit} calls are left this hour`;
  if (remaining >= FEW_CALLS) return ok(detail);
  return warning(
    'github_rate_used_up',
    detail,
    'Wait for the next hour, or find out what else uses the token.',
  );
}

function webhookSecret(count: number): Finding {
  if (count === 0)
    return warning(
      'webhook_secret_missing',
      'GITHUB_WEBHOOK_SECRET is not set: only deliveries of projects with a secret of their own are taken',
      'Set it to the secret of your GitHub webhook (openssl rand -hex 32 makes one).',
    );
  return ok(count === 1 ? 'set' : 'set, with the one before it still accepted');
}
