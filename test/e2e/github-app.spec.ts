import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workflowJobEvent, workflowRunEvent, type RunSeed } from '@app/github';
import { runCli } from '../support/cli.js';
import { freePort } from '../support/product-process.js';
import { failingLog, RunningProduct } from '../support/running-product.js';

interface DeliveryAnswer {
  id: string;
  status: string;
}
interface IncidentAnswer {
  id: string;
  runId: number;
  status: string;
  note?: string | null;
}

/** A start takes its time on a busy machine. */
const RESTART_MS = 90_000;
/** Each telling of a run tells the same of it. */
const COMPLETED_AT = new Date();
const SETUP = '/api/v1/setup/github-app';
const job = { id: 402, name: 'unit', log: failingLog() };
const runOf = (id: number): RunSeed => ({
  repository: 'octo/app',
  id,
  completedAt: COMPLETED_AT,
  jobs: [{ ...job, id: 400 + id }],
});

/** As a browser asks: for pages, with the cookie it has, following nothing. */
const browse = (url: string, init: RequestInit & { cookie?: string } = {}): Promise<Response> =>
  fetch(url, {
    ...init,
    redirect: 'manual',
    headers: { accept: 'text/html', ...(init.cookie && { cookie: init.cookie }) },
  });
const unescaped = (text: string): string =>
  text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));

/** In this order: the App of the first test is the one of the others. */
describe('a product that had GitHub make its App', () => {
  let product: RunningProduct;
  beforeAll(async () => {
    const port = await freePort();
    product = await RunningProduct.start({
      PORT: String(port),
      PUBLIC_URL: `http://127.0.0.1:${port}/`,
      GITHUB_WEBHOOK_SECRET: '',
      GITHUB_WEBHOOK_SECRET_PREVIOUS: '',
      RECONCILE_INTERVAL_MS: '400',
    });
  });
  afterAll(() => product.stop());

  it('gives the link to administrators alone', async () => {
    const nobody = await fetch(`${product.url}${SETUP}`, { method: 'POST' });
    expect(nobody.status).toBe(401);
    const unknown = await browse(`${product.url}${SETUP}/${'x'.repeat(43)}`);
    expect(unknown.status).toBe(404);
    expect(unknown.headers.get('content-type')).toContain('text/html');
    expect(await unknown.text()).toContain('npm run cli -- github setup');
    const program = await fetch(`${product.url}${SETUP}/callback?code=c&state=s`);
    expect(await program.json()).toMatchObject({ status: 404, code: 'setup_link_unknown' });
  });

  it('leads a browser to GitHub and back, and uses the App without a restart', async () => {
    const led = await product.request(SETUP, { redirect: 'manual' });
    expect(led.status).toBe(302);
    const link = led.headers.get('location')!;
    const page = await browse(`${link}?organization=octo&access=act`);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain(`default-src 'none'; style-src 'sha256-`);
    expect(page.headers.get('content-security-policy')).toContain(
      `form-action 'self' ${product.github.url};`,
    );
    expect(page.headers.get('cache-control')).toBe('no-store');
    const setCookie = page.headers.get('set-cookie')!;
    expect(setCookie).toMatch(/HttpOnly; SameSite=Lax$/);
    const cookie = setCookie.split(';')[0]!;
    const text = await page.text();
    expect((await browse(link)).status).toBe(403);

    const action = unescaped(/<form method="post" action="([^"]+)"/.exec(text)![1]!);
    const manifest = unescaped(/name="manifest" value="([^"]+)"/.exec(text)![1]!);
    expect(action).toContain(`${product.github.url}/organizations/octo/settings/apps/new?state=`);
    const submitted = await browse(action, { method: 'POST', body: new URLSearchParams({ manifest }) });
    const back = submitted.headers.get('location')!;
    expect((await browse(back)).status).toBe(403);
    const done = await browse(back, { cookie });
    expect(done.status).toBe(200);
    const { apps } = product.github.state;
    expect(await done.text()).toContain(`/apps/${apps.app!.slug}/installations/new`);
    expect((await browse(back, { cookie })).status).toBe(409);

    // Installed: the App's own webhook secret is all that vouches for this.
    apps.app = { ...apps.app!, installations: [{ id: 5, account: 'octo' }] };
    product.github.addRun(runOf(31));
    await apps.deliveries.deliver('workflow_run', workflowRunEvent(runOf(31)));
    expect(apps.deliveries.tries[0]!.statusCode).toBe(202);
    await product.until<{ items: IncidentAnswer[] }>(
      '/api/v1/incidents',
      ({ items }) => items.length === 1 && items[0]!.status === 'diagnosed',
    );
    const signedIn = product.github.requests.filter(({ authorization }) =>
      authorization?.startsWith('token ghs_'),
    );
    expect(signedIn.length).toBeGreaterThan(0);
  });

  it('has what was lost while it was down sent again, once', { timeout: RESTART_MS }, async () => {
    const { apps } = product.github.state;
    await product.process.stop();
    const lost = await apps.deliveries.deliver('workflow_job', workflowJobEvent(runOf(32), job));
    product.github.addRun(runOf(33));
    const lostRun = await apps.deliveries.deliver('workflow_run', workflowRunEvent(runOf(33)));
    expect(apps.deliveries.tries[0]!.statusCode).toBe(502);
    await product.restart();

    // GitHub's API knows nothing of run 32: the delivery alone tells of it.
    const { items } = await product.until<{ items: IncidentAnswer[] }>(
      '/api/v1/incidents',
      (answer) => answer.items.length === 3,
    );
    expect(items.map(({ runId }) => runId).toSorted()).toEqual([31, 32, 33]);
    // A run may have been found before its delivery came again.
    const deliveries = await product.until<{ items: DeliveryAnswer[] }>(
      '/api/v1/webhooks/deliveries',
      (answer) => [lost, lostRun].every((guid) => answer.items.some(({ id }) => id === guid)),
    );
    for (const guid of [lost, lostRun]) {
      expect(deliveries.items.filter(({ id }) => id === guid)).toMatchObject([
        { status: expect.any(String) },
      ]);
    }
    // Rounds go on; what has arrived is not asked for again.
    const rounds = product.github.calls.app_deliveries;
    await expect
      .poll(() => product.github.calls.app_deliveries, { timeout: 10_000 })
      .toBeGreaterThan(rounds + 2);
    // A round may come before the server listens again: what it asked for failed once more.
    const again = apps.deliveries.tries.filter(
      ({ redelivery, statusCode }) => redelivery && statusCode !== 502,
    );
    expect(again.map(({ guid, statusCode }) => [guid, statusCode]).toSorted()).toEqual(
      [
        [lost, 202],
        [lostRun, 202],
      ].toSorted(),
    );
    const after = await product.json<{ items: IncidentAnswer[] }>('/api/v1/incidents');
    expect(after.items).toHaveLength(3);
  });

  it('says that an installation is suspended, and goes on once that is lifted', async () => {
    const { apps } = product.github.state;
    const suspend = (suspended: boolean): void => {
      apps.app = { ...apps.app!, installations: [{ id: 5, account: 'octo', suspended }] };
    };
    suspend(true);
    product.github.addRun(runOf(34));
    await apps.deliveries.deliver('workflow_job', workflowJobEvent(runOf(34), runOf(34).jobs![0]!));
    const { items } = await product.until<{ items: IncidentAnswer[] }>('/api/v1/incidents', (answer) =>
      answer.items.some(({ runId, status }) => runId === 34 && status === 'diagnosis_failed'),
    );
    const { id } = items.find(({ runId }) => runId === 34)!;
    const told = await product.json<Record<string, unknown>>(`/api/v1/incidents/${id}`);
    expect(JSON.stringify(told)).toContain('was suspended: its owner can lift that');

    suspend(false);
    const asked = await product.request(`/api/v1/incidents/${id}/diagnose`, { method: 'POST' });
    expect(asked.status).toBe(202);
    await product.until<IncidentAnswer>(`/api/v1/incidents/${id}`, ({ status }) => status === 'diagnosed');
  });

  it('is found in order by doctor, which uses the App that was set up', async () => {
    const { stdout } = await runCli(['doctor', '--json'], {
      env: {
        DATA_DIR: product.dataDir,
        GITHUB_API_URL: product.github.url,
        PUBLIC_URL: product.url,
      },
    });
    const { checks } = JSON.parse(stdout) as {
      checks: { name: string; verdict: string; detail: string }[];
    };
    const ofGithub = checks.filter(({ name }) => name.startsWith('GitHub App'));
    expect(ofGithub.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['GitHub App: key', 'ok'],
      ['GitHub App: permissions', 'ok'],
      ['GitHub App: events', 'ok'],
      ['GitHub App: webhook', 'ok'],
      ['GitHub App: installations', 'ok'],
    ]);
    expect(ofGithub[0]!.detail).toContain('that was set up here');
    expect(checks.find(({ name }) => name === 'GitHub: webhook secret')).toMatchObject({ verdict: 'ok' });
  });
});
