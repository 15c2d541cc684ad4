import { loadConfig } from '@app/config';
import { GithubStandIn, permissionsFor, type AppSeed } from '@app/github';
import type { GithubConnections } from '@app/persistence';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../../../../test/fakes/recording-log.js';
import { TEST_APP, testApp } from '../../../../../test/support/github-app.js';
import type { Report } from '../check.js';
import { runChecks } from '../run-checks.js';
import { githubPart } from './github-part.js';

const NO_CONNECTIONS: GithubConnections = { apps: [], projectsWithSecret: 0, latestRepository: null };

describe('what doctor says of GitHub', () => {
  let github: GithubStandIn;
  beforeAll(async () => {
    github = await GithubStandIn.start();
  });
  afterAll(() => github.close());

  async function reports(
    app: AppSeed | null,
    env: Record<string, string> = {},
    connections: GithubConnections | null = NO_CONNECTIONS,
  ): Promise<(name: string) => Report | undefined> {
    github.state.apps.app = app;
    const ofApp = app && {
      GITHUB_APP_ID: String(TEST_APP.id),
      GITHUB_APP_PRIVATE_KEY: TEST_APP.privateKey.replaceAll('\n', String.raw`\n`),
    };
    const config = loadConfig({ GITHUB_API_URL: github.url, ...ofApp, ...env });
    const looked = { database: () => ({ github: connections }) as never };
    const all = await runChecks(githubPart(config, silentLog(), looked));
    return (name) => all.find((report) => report.name === name);
  }

  const partly = { ...permissionsFor('act'), administration: 'write' } as Record<string, string>;
  delete partly['issues'];
  const app = testApp(
    [
      { id: 5, account: 'octo' },
      { id: 6, account: 'acme', permissions: { ...partly, contents: 'read' } },
    ],
    { permissions: partly, events: ['workflow_run', 'workflow_job', 'pull_request', 'star'] },
  );

  it('names what the App lacks by what that costs, and where an owner has not accepted it', async () => {
    const of = await reports(app, { GITHUB_WEBHOOK_SECRET: 'hook' });
    expect(of('GitHub App: key')).toMatchObject({ verdict: 'ok' });
    expect(of('GitHub App: permissions')).toMatchObject({
      verdict: 'warning',
      problem: 'github_permissions_missing',
      detail: expect.stringContaining('issues: write (no issue about a failure)') as string,
    });
    expect(of('GitHub App: events')).toMatchObject({
      verdict: 'warning',
      detail: expect.stringMatching(/not sent: check_run \(.*push \(/) as string,
    });
    expect(of('GitHub App: webhook')).toMatchObject({ problem: 'github_webhook_missing' });
    expect(of('GitHub App: installations')).toMatchObject({
      problem: 'github_permissions_missing',
      detail: expect.stringMatching(/^at acme; missing: contents: write/) as string,
    });
    expect(of('GitHub: webhook secret')).toMatchObject({ verdict: 'ok' });
  });

  it('names what the App does not need, and an installation that is suspended', async () => {
    github.state.apps.deliveries.hook = {
      url: 'https://old.example.com/api/v1/webhooks/github',
      secret: 's',
    };
    const of = await reports(
      {
        ...app,
        permissions: { ...permissionsFor('act'), administration: 'write' },
        events: [],
        installations: [{ id: 5, account: 'octo', suspended: true }],
      },
      { PUBLIC_URL: 'https://new.example.com' },
    );
    expect(of('GitHub App: permissions')).toMatchObject({
      problem: 'github_permissions_superfluous',
      detail: 'never used: administration: write',
    });
    expect(of('GitHub App: events')).toMatchObject({ verdict: 'failed' });
    expect(of('GitHub App: webhook')).toMatchObject({ problem: 'github_webhook_elsewhere' });
    expect(of('GitHub App: installations')).toMatchObject({
      verdict: 'failed',
      problem: 'github_installation_suspended',
      detail: expect.stringContaining('octo') as string,
    });
    expect(of('GitHub: webhook secret')).toMatchObject({ problem: 'webhook_secret_missing' });
  });

  it('finds no more than a wrong key, or that there is no App', async () => {
    const wrong = await reports({ ...app, id: 1 });
    expect(wrong('GitHub App: key')).toMatchObject({ verdict: 'failed', problem: 'github_unauthorized' });
    expect(wrong('GitHub App: installations')).toMatchObject({ verdict: 'skipped' });
    const none = await reports(null, {}, { ...NO_CONNECTIONS, projectsWithSecret: 2 });
    expect(none('GitHub App: key')).toMatchObject({ verdict: 'skipped' });
    expect(none('GitHub: webhook secret')).toMatchObject({ verdict: 'ok' });
    const installedNowhere = await reports({ ...app, installations: [] });
    expect(installedNowhere('GitHub App: installations')).toMatchObject({
      problem: 'github_app_not_installed',
    });
  });
});
