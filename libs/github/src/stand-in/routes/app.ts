import {
  endpoint,
  NOT_FOUND,
  ok,
  paged,
  refused,
  type StandInAnswer,
  type StandInCall,
} from '../stand-in-route.js';
import type { GithubPart } from '../../github-schema.js';
import type { AppSeed, InstallationSeed } from '../state/app-state.js';

/** The GitHub App, its installations and their tokens. */
export const APP_ROUTES = [
  endpoint(
    'app',
    'GET /app',
    ({ state: { apps } }) => (apps.app ? ok(appPayload(apps.app)) : NOT_FOUND),
    'app',
  ),
  endpoint(
    'installation',
    'GET /repos/{owner}/{repo}/installation',
    (call) => {
      const { owner, repo } = call.params;
      return installationAnswer(call, call.state.apps.installationOf(`${owner}/${repo}`));
    },
    'app',
  ),
  endpoint(
    'installations',
    'GET /app/installations',
    (call) => {
      const all = call.state.apps.app?.installations ?? [];
      return paged(
        call,
        all.map((one) => installationPayload(call, one)),
      );
    },
    'app',
  ),
  endpoint(
    'installation',
    'GET /app/installations/{id}',
    (call) => installationAnswer(call, call.state.apps.installation(Number(call.params['id']))),
    'app',
  ),
  endpoint(
    'installation_token',
    'POST /app/installations/{id}/access_tokens',
    ({ state: { apps }, params }) => {
      const installation = apps.installation(Number(params['id']));
      if (!installation) return NOT_FOUND;
      if (installation.suspended) return refused(403, 'This installation has been suspended');
      const { token, expiresAt } = apps.issueToken(installation.id);
      const permissions = installation.permissions ?? apps.app!.permissions;
      const selection = installation.repositories ? ('selected' as const) : ('all' as const);
      return {
        status: 201,
        body: {
          token,
          expires_at: expiresAt.toISOString(),
          permissions,
          repository_selection: selection,
        } satisfies GithubPart<'installation-token'>,
      };
    },
    'app',
  ),
];

function appPayload({ id, slug = 'devflowfix-test', permissions, events, installations }: AppSeed) {
  return {
    id,
    slug,
    name: slug,
    owner: { login: 'octo', id: 1, type: 'Organization' },
    permissions,
    events: [...(events ?? [])],
    installations_count: installations.length,
    html_url: `https://github.com/apps/${slug}`,
  } satisfies GithubPart<'integration'>;
}

function installationAnswer(call: StandInCall, installation: InstallationSeed | undefined): StandInAnswer {
  return installation ? ok(installationPayload(call, installation)) : NOT_FOUND;
}

function installationPayload({ state }: StandInCall, installation: InstallationSeed) {
  return {
    id: installation.id,
    app_id: state.apps.app!.id,
    account: { login: installation.account, id: 21_031_067, type: 'Organization' },
    repository_selection: installation.repositories ? ('selected' as const) : ('all' as const),
    permissions: installation.permissions ?? state.apps.app!.permissions,
    events: [...(state.apps.app!.events ?? [])],
    suspended_at: installation.suspended ? '2026-11-20T10:00:00Z' : null,
    html_url: `https://github.com/organizations/${installation.account}/settings/installations/${installation.id}`,
  } satisfies GithubPart<'installation'>;
}
