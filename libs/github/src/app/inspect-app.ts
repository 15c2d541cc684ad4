import { z } from 'zod';
import type { AppCredentials } from '../client/credentials.js';
import type { GithubClients } from '../client/github-clients.js';
import { githubFailure } from '../client/github-failure.js';
import { acceptsGithub } from '../github-schema.js';
import type { GrantedPermissions } from './compare-access.js';

export interface InspectedInstallation {
  readonly id: number;
  /** The user or organisation; its number where GitHub gives no name. */
  readonly account: string;
  readonly isSuspended: boolean;
  readonly repositories: 'all' | 'selected';
  /** What its owner accepted: less than the App asks for until a change is approved. */
  readonly permissions: GrantedPermissions;
  /** Its page at GitHub. */
  readonly url: string;
}

export interface InspectedApp {
  readonly slug: string;
  readonly url: string;
  readonly permissions: GrantedPermissions;
  readonly events: readonly string[];
  /** Where its webhooks go; null: nowhere. */
  readonly webhookUrl: string | null;
  readonly installations: readonly InspectedInstallation[];
}

const permissions = z.record(z.string(), z.string().optional());
const appSchema = acceptsGithub<'integration'>()(
  z.object({
    slug: z.string().optional(),
    html_url: z.string(),
    permissions,
    events: z.array(z.string()),
  }),
);
const installationSchema = acceptsGithub<'installation'>()(
  z.object({
    id: z.number(),
    account: z.object({ login: z.string().optional(), id: z.number() }).nullable(),
    suspended_at: z.string().nullable(),
    repository_selection: z.enum(['all', 'selected']),
    permissions,
    html_url: z.string(),
  }),
);
const hookSchema = acceptsGithub<'webhook-config'>()(z.object({ url: z.string().optional() }));

/**
 * What GitHub says of an App and of where it is installed.
 * @throws ExternalFailure `github_unauthorized` for a key that is not the App's
 */
export async function inspectApp(clients: GithubClients, app: AppCredentials): Promise<InspectedApp> {
  const octokit = clients.forApp(app);
  try {
    const found = appSchema.parse((await octokit.rest.apps.getAuthenticated()).data);
    const installations = await octokit.paginate(octokit.rest.apps.listInstallations, { per_page: 100 });
    // An App without a webhook is answered 404.
    const hook = await octokit.rest.apps.getWebhookConfigForApp().catch(() => null);
    return {
      slug: found.slug ?? String(app.id),
      url: found.html_url,
      permissions: found.permissions,
      events: found.events,
      webhookUrl: hook && (hookSchema.parse(hook.data).url ?? null),
      installations: z
        .array(installationSchema)
        .parse(installations)
        .map((one) => ({
          id: one.id,
          account: one.account?.login ?? String(one.account?.id ?? one.id),
          isSuspended: one.suspended_at !== null,
          repositories: one.repository_selection,
          permissions: one.permissions,
          url: one.html_url,
        })),
    };
  } catch (error) {
    throw githubFailure(error, `the GitHub App ${app.slug ?? app.id}`);
  }
}
