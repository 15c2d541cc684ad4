import type { GithubPart } from '../../github-schema.js';
import { endpoint, NOT_FOUND, type StandInAnswer, type StandInCall } from '../stand-in-route.js';
import type { MadeApp, ManifestSeed } from '../state/app-state.js';

/** Apps made from a manifest: the page that a person submits it to, and the exchange of the code that comes of it. */
export const APP_MANIFEST_ROUTES = [
  endpoint('app_new', 'POST /settings/apps/new', (call) => makeApp(call, 'mona'), 'none'),
  endpoint(
    'app_new',
    'POST /organizations/{organization}/settings/apps/new',
    (call) => makeApp(call, call.params['organization']!),
    'none',
  ),
  endpoint(
    'manifest_conversion',
    'POST /app-manifests/{code}/conversions',
    ({ state: { apps }, params }) => {
      const made = apps.manifests.get(params['code']!);
      // A code is good for one exchange.
      apps.manifests.delete(params['code']!);
      return made ? { status: 201, body: conversionPayload(made) } : NOT_FOUND;
    },
    'none',
  ),
];

/** Creates the App at once, as if the person had pressed the button, and leads the browser back. */
function makeApp({ state, url, body }: StandInCall, owner: string): StandInAnswer {
  const manifest = JSON.parse(String(body['manifest'])) as ManifestSeed;
  const back = new URL(manifest.redirect_url);
  back.searchParams.set('code', state.apps.make(manifest, owner));
  const given = url.searchParams.get('state');
  if (given !== null) back.searchParams.set('state', given);
  return { status: 302, headers: { location: back.href } };
}

function conversionPayload({ app, owner, privateKey, clientSecret, webhookSecret }: MadeApp) {
  return {
    ...({
      id: app.id,
      slug: app.slug,
      node_id: `A_${app.id}`,
      client_id: `Iv23.${app.id}`,
      owner: { login: owner, id: 1, type: 'User' },
      name: app.slug,
      description: null,
      html_url: `https://github.com/apps/${app.slug}`,
      permissions: app.permissions,
      events: [...(app.events ?? [])],
    } satisfies GithubPart<'integration'>),
    client_secret: clientSecret,
    webhook_secret: webhookSecret,
    pem: privateKey,
  };
}
