import type { Config } from '@app/config';
import { ExternalFailure } from '@app/domain';
import {
  compareAccess,
  inspectApp,
  WEBHOOK_PATH,
  type AppCredentials,
  type GithubClients,
  type InspectedApp,
} from '@app/github';
import { failed, ok, skipped, warning, type Check, type Finding } from '../check.js';
import { lacking } from './lacking.js';

const CLOCK =
  'Check that GITHUB_APP_ID and the private key are of the same App, that the key was not deleted there, and this machine’s clock.';

/** The GitHub App: whether its key is good, what it was granted, and where it is installed. */
export function appChecks(
  { github, http }: Config,
  clients: GithubClients,
  app: () => Promise<AppCredentials | null>,
): Check[] {
  let found: InspectedApp | null = null;
  const ofApp = (name: string, look: (app: InspectedApp) => Finding): Check => ({
    name: `GitHub App: ${name}`,
    run: async () => (found ? look(found) : skipped('no App that GitHub knows')),
  });
  return [
    {
      name: 'GitHub App: key',
      run: async () => {
        const credentials = await app();
        if (credentials === null)
          return skipped('there is none: “npm run cli -- github setup” has GitHub make one');
        try {
          found = await inspectApp(clients, credentials);
        } catch (error) {
          if (!(error instanceof ExternalFailure)) throw error;
          return failed(error.code, error.message, error.retryable ? 'Try again later.' : CLOCK);
        }
        const from = github.app ? 'of the environment' : 'that was set up here';
        return ok(`${found.slug}, ${from}; GitHub accepts its key`);
      },
    },
    ofApp('permissions', permissionsOf),
    ofApp('events', eventsOf),
    ofApp('webhook', ({ webhookUrl, url }) => webhookOf(webhookUrl, http.publicUrl, url)),
    ofApp('installations', installationsOf),
  ];
}

function permissionsOf({ permissions, url }: InspectedApp): Finding {
  const { missingPermissions, superfluousPermissions } = compareAccess(permissions);
  const mend = `Change them on the App’s settings page (${url}, Permissions & events); each installation’s owner is asked to accept.`;
  const granted = Object.entries(permissions).map(([name, level]) => `${name}: ${level}`);
  if (missingPermissions.length > 0)
    return lacking(missingPermissions, `granted: ${granted.join(', ')}`, mend);
  if (superfluousPermissions.length > 0)
    return warning(
      'github_permissions_superfluous',
      `never used: ${superfluousPermissions.join(', ')}`,
      mend,
    );
  return ok(granted.join(', '));
}

function eventsOf({ permissions, events, url }: InspectedApp): Finding {
  const { missingEvents, superfluousEvents } = compareAccess(permissions, events);
  const mend = `Choose the events on the App’s settings page (${url}, Permissions & events).`;
  if (missingEvents.length > 0) {
    const list = missingEvents.map(({ event, feature }) => `${event} (no ${feature})`);
    const make = missingEvents.some(({ isEssential }) => isEssential) ? failed : warning;
    return make('github_events_missing', `not sent: ${list.join('; ')}`, mend);
  }
  if (superfluousEvents.length > 0)
    return warning('github_events_superfluous', `never used: ${superfluousEvents.join(', ')}`, mend);
  return ok(events.join(', '));
}

function webhookOf(webhookUrl: string | null, publicUrl: string | null, appUrl: string): Finding {
  if (webhookUrl === null)
    return warning(
      'github_webhook_missing',
      'the App has no webhook: failures are found by asking GitHub every few minutes',
      `Set it on the App’s settings page (${appUrl}), with a secret that GITHUB_WEBHOOK_SECRET repeats.`,
    );
  if (publicUrl === null || webhookUrl === publicUrl + WEBHOOK_PATH) return ok(webhookUrl);
  return warning(
    'github_webhook_elsewhere',
    `deliveries go to ${webhookUrl}, and PUBLIC_URL is ${publicUrl}`,
    `Set the webhook URL on the App’s settings page (${appUrl}) to ${publicUrl}${WEBHOOK_PATH}, or mend PUBLIC_URL.`,
  );
}

function installationsOf({ installations, slug, url, permissions }: InspectedApp): Finding {
  if (installations.length === 0)
    return failed(
      'github_app_not_installed',
      `${slug} is installed nowhere`,
      `Install it: ${url}/installations/new`,
    );
  const suspended = installations.filter(({ isSuspended }) => isSuspended);
  if (suspended.length > 0)
    return failed(
      'github_installation_suspended',
      `suspended, so that nothing of it can be read: ${suspended.map(({ account }) => account).join(', ')}`,
      `Its owner can lift that: ${suspended[0]!.url}`,
    );
  const asked = compareAccess(permissions).missingPermissions;
  for (const one of installations) {
    // What the App itself lacks is said above.
    const missing = compareAccess(one.permissions).missingPermissions.filter(
      (needed) => !asked.includes(needed),
    );
    if (missing.length > 0)
      return lacking(
        missing,
        `at ${one.account}`,
        `Its owner has to accept the App’s new permissions: ${one.url}`,
      );
  }
  return ok(
    installations.map(({ account, repositories }) => `${account} (${repositories} repositories)`).join(', '),
  );
}
