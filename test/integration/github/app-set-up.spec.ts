import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseRepository } from '@app/domain';
import {
  AppInForce,
  AppSetupLinks,
  GithubClients,
  GithubStandIn,
  permissionsFor,
  SetUpGithubApp,
  type OpenedSetup,
} from '@app/github';
import { TestClock } from '../../contracts/persistence/fixtures.js';
import { FakeSecretBox } from '../../fakes/fake-secret-box.js';
import { InMemoryPersistence } from '../../fakes/in-memory-persistence/index.js';
import { RecordingLog } from '../../fakes/recording-log.js';
import { TEST_APP } from '../../support/github-app.js';

const PUBLIC_URL = 'https://ci.example.com';
const MINUTE_MS = 60_000;

const ticketOf = (url: string): string => url.split('/').at(-1)!;

/** What a person does on GitHub's page. Answers what GitHub sends the browser back with. */
async function create(setup: OpenedSetup, account = ''): Promise<{ code: string; state: string }> {
  const response = await fetch(
    `${setup.webUrl}${account}/settings/apps/new?state=${encodeURIComponent(setup.state)}`,
    {
      method: 'POST',
      body: new URLSearchParams({ manifest: JSON.stringify(setup.manifest('act')) }),
      redirect: 'manual',
    },
  );
  const back = new URL(response.headers.get('location')!);
  expect(`${back.origin}${back.pathname}`).toBe(`${PUBLIC_URL}/api/v1/setup/github-app/callback`);
  return { code: back.searchParams.get('code')!, state: back.searchParams.get('state')! };
}

describe('setting up the GitHub App', () => {
  let github: GithubStandIn;
  let clock: TestClock;
  let store: InMemoryPersistence;
  let log: RecordingLog;
  beforeAll(async () => {
    github = await GithubStandIn.start();
  });
  afterAll(() => github.close());
  beforeEach(() => {
    github.state.apps.app = null;
    clock = new TestClock();
    store = new InMemoryPersistence(clock);
    log = new RecordingLog();
  });

  /** A process of the product; all have one database. */
  function product(changed: { app?: typeof TEST_APP; publicUrl?: string | null; token?: string } = {}) {
    const box = new FakeSecretBox();
    const config = {
      http: { publicUrl: changed.publicUrl === undefined ? PUBLIC_URL : changed.publicUrl },
      github: {
        apiUrl: github.url,
        app: changed.app ?? null,
        token: changed.token ?? null,
        webhookSecrets: ['of-the-environment'],
      },
    };
    const stores = { apps: store.githubApps, setups: store.githubAppSetups };
    const inForce = new AppInForce(config.github, { apps: store.githubApps, box, clock, log });
    const clients = new GithubClients({
      options: { apiUrl: github.url, timeoutMs: 2_000, retryBaseMs: 1 },
      credentials: () => inForce.credentials(),
      cache: null,
      log,
    });
    const links = new AppSetupLinks(stores, box, clock, config);
    const setUp = new SetUpGithubApp({ stores, links, clients, inForce, box, clock, log }, config);
    return { links, setUp, inForce, clients };
  }

  async function opened({ links, setUp }: ReturnType<typeof product>): Promise<OpenedSetup> {
    return setUp.open(ticketOf((await links.begin('cli')).url), null);
  }

  it('makes an App that this process uses at once, and any other some seconds later', async () => {
    const [here, there] = [product(), product()];
    expect((await there.inForce.credentials()).app).toBeNull();
    const setup = await opened(here);
    const answer = await create(setup, '/organizations/octo');
    const created = await here.setUp.finish({ ...answer, browser: setup.browser });
    expect(created).toMatchObject({
      hasWebhook: true,
      slug: expect.stringMatching(/^devflowfix-/) as string,
    });
    const made = github.state.apps.app!;
    expect(made.permissions).toEqual(permissionsFor('act'));

    github.state.apps.app = { ...made, installations: [{ id: 9, account: 'octo' }] };
    github.addRun({ repository: 'octo/app', id: 31 });
    expect((await here.inForce.credentials()).app).toMatchObject({ id: made.id, slug: made.slug });
    const { octokit } = await here.clients.forRepository(parseRepository('octo/app'));
    await octokit.request('GET /repos/octo/app/actions/runs/31');

    expect((await there.inForce.credentials()).app).toBeNull();
    clock.advance(11_000);
    // What is known serves while it is read anew.
    expect((await there.inForce.credentials()).app).toBeNull();
    expect((await there.inForce.credentials()).app).toMatchObject({ id: made.id });
    expect(await store.githubApps.find(new URL(github.url).host)).toMatchObject({
      owner: 'octo',
      createdBy: 'cli',
    });
  });

  it('takes deliveries of the App at once in every process, by its own secret', async () => {
    const [here, there] = [product(), product()];
    expect(await there.inForce.webhookSecrets()).toEqual(['of-the-environment']);
    const setup = await opened(here);
    await here.setUp.finish({ ...(await create(setup)), browser: setup.browser });
    const { secret } = github.state.apps.deliveries.hook!;
    clock.advance(2_000);
    expect(await there.inForce.webhookSecrets()).toEqual(['of-the-environment']);
    expect(await there.inForce.webhookSecretsAnew()).toEqual(['of-the-environment', secret]);
  });

  it('keeps its secrets sealed, and shows none', async () => {
    const here = product();
    const setup = await opened(here);
    const answer = await create(setup);
    const made = github.state.apps.manifests.get(answer.code)!;
    const created = await here.setUp.finish({ ...answer, browser: setup.browser });
    const kept = inspect([store.store, log, created, setup], { depth: 12, maxStringLength: null });
    const secrets = [made.clientSecret, made.webhookSecret!, made.privateKey.split('\n')[3]!, answer.code];
    for (const secret of secrets) expect(kept).not.toContain(secret);
  });

  it('gives the same page to the same browser again, and to no other', async () => {
    const { links, setUp } = product();
    const exchanged = github.calls.manifest_conversion;
    const { url, expiresAt } = await links.begin('an admin');
    expect(expiresAt.getTime() - clock.now().getTime()).toBe(15 * MINUTE_MS);
    const first = await setUp.open(ticketOf(url), null);
    const again = await setUp.open(ticketOf(url), first.browser);
    expect([again.state, again.browser]).toEqual([first.state, first.browser]);
    const elsewhere = { code: 'setup_other_browser' };
    await expect(setUp.open(ticketOf(url), null)).rejects.toMatchObject(elsewhere);
    await expect(setUp.open(ticketOf(url), 'x'.repeat(43))).rejects.toMatchObject(elsewhere);
    const { state } = first;
    await expect(setUp.finish({ state, code: 'c', browser: null })).rejects.toMatchObject(elsewhere);
    await expect(setUp.finish({ state, code: 'c', browser: 'y' })).rejects.toMatchObject(elsewhere);
    expect(github.calls.manifest_conversion).toBe(exchanged);
  });

  it('refuses links and states that it never gave, that have ended, and that were used', async () => {
    const here = product();
    const unknown = { code: 'setup_link_unknown' };
    await expect(here.setUp.open('never-given', null)).rejects.toMatchObject(unknown);
    await expect(here.setUp.finish({ state: 'x', code: 'c', browser: 'b' })).rejects.toMatchObject(unknown);

    const { url } = await here.links.begin('cli');
    clock.advance(15 * MINUTE_MS);
    const ended = { code: 'setup_link_expired' };
    await expect(here.setUp.open(ticketOf(url), null)).rejects.toMatchObject(ended);

    const late = await opened(here);
    clock.advance(60 * MINUTE_MS);
    const { state, browser } = late;
    await expect(here.setUp.finish({ state, code: 'c', browser })).rejects.toMatchObject(ended);

    const setup = await opened(here);
    const answer = { ...(await create(setup)), browser: setup.browser };
    const outcomes = await Promise.allSettled([here.setUp.finish(answer), here.setUp.finish(answer)]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(here.setUp.finish(answer)).rejects.toMatchObject({ code: 'setup_link_used' });
  });

  it('can be gone on with when GitHub was away, and not when its code has ended', async () => {
    const here = product();
    const setup = await opened(here);
    const answer = { ...(await create(setup)), browser: setup.browser };
    github.fail('manifest_conversion', { kind: 'status', status: 503 }, 3);
    await expect(here.setUp.finish(answer)).rejects.toMatchObject({ code: 'github_unavailable' });
    expect(await here.setUp.finish(answer)).toMatchObject({ hasWebhook: true });

    const other = product();
    await store.githubApps.remove(new URL(github.url).host);
    const second = await opened(other);
    const { state } = await create(second);
    const refused = other.setUp.finish({ state, code: 'ended', browser: second.browser });
    await expect(refused).rejects.toMatchObject({ code: 'github_app_code_refused' });
  });

  it('is refused where there is an App already, and without an address or a key', async () => {
    const configured = { code: 'github_app_configured' };
    await expect(product({ app: TEST_APP }).links.begin('cli')).rejects.toMatchObject(configured);
    await expect(product({ publicUrl: null }).links.begin('cli')).rejects.toMatchObject({
      code: 'public_url_missing',
    });
    const here = product();
    const [first, second] = [await opened(here), await opened(here)];
    await here.setUp.finish({ ...(await create(first)), browser: first.browser });
    await expect(here.links.begin('cli')).rejects.toMatchObject(configured);
    const late = { ...(await create(second)), browser: second.browser };
    await expect(here.setUp.finish(late)).rejects.toMatchObject(configured);
  });

  it('leaves the App of the environment in force', async () => {
    const here = product();
    const setup = await opened(here);
    await here.setUp.finish({ ...(await create(setup)), browser: setup.browser });
    const { inForce } = product({ app: TEST_APP, token: 'tok' });
    expect(await inForce.credentials()).toMatchObject({ app: { id: TEST_APP.id }, token: 'tok' });
    expect(await inForce.webhookSecretsAnew()).toEqual(['of-the-environment']);
  });
});
