import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey, runCli } from '../support/cli.js';
import { RunningProduct, failingLog } from '../support/running-product.js';

interface Incident {
  id: string;
  status: string;
  repository: string;
  projectId: string;
  jobName: string;
}
interface Page {
  items: Incident[];
  nextCursor: string | null;
}

let product: RunningProduct;
beforeAll(async () => {
  product = await RunningProduct.start();
});
afterAll(() => product.stop());

const submit = (query: string, init: RequestInit) =>
  product.request(`/api/v1/incidents?${query}`, { method: 'POST', ...init });
const settled = ({ status }: Incident) => status !== 'received' && status !== 'diagnosing';
const run = (...args: string[]) =>
  runCli(args, {
    env: { NODE_ENV: 'test', ...product.storeEnvironment, LOG_LEVEL: 'warn' },
  });

describe('a log handed in by hand', () => {
  const token = `ghp_${'Zx9Yw8Vu7T'.repeat(4).slice(0, 36)}`;
  const log = failingLog().replace('> tsc -p .', `> GH_TOKEN=${token} tsc -p .`);

  it.each<[string, () => RequestInit]>([
    ['as the body', () => ({ body: log, headers: { 'content-type': 'text/plain' } })],
    [
      'as JSON',
      () => ({
        body: JSON.stringify({ log, repository: 'acme/by-hand', job: 'as JSON' }),
        headers: { 'content-type': 'application/json' },
      }),
    ],
    [
      'as the file of a form',
      () => {
        const form = new FormData();
        form.set('log', new Blob([log]), 'build.log');
        return { body: form };
      },
    ],
  ])('%s is diagnosed, and its secrets are nowhere', async (how, init) => {
    const response = await submit(`repository=acme/by-hand&job=${encodeURIComponent(how)}`, init());
    expect(response.status).toBe(202);
    const { id } = (await response.json()) as { id: string };
    const incident = await product.until<Incident & { diagnosis: { rootCause: string } }>(
      `/api/v1/incidents/${id}`,
      settled,
    );
    expect(incident).toMatchObject({ status: 'diagnosed', repository: 'acme/by-hand', source: 'manual' });

    const raw = await product.request(`/api/v1/incidents/${id}/log?raw=true`);
    const shown = [
      await raw.text(),
      JSON.stringify(incident),
      await (await product.request(`/api/v1/incidents/${id}/log`)).text(),
    ].join();
    expect(raw.headers.get('content-type')).toContain('text/plain');
    expect(shown).toContain('TS2322');
    expect(shown).not.toContain(token);
    expect(product.process.printed).not.toContain(token);
  });

  it.each([
    ['an empty log', { body: '', headers: { 'content-type': 'text/plain' } }, 422],
    [
      'a binary file',
      {
        body: Buffer.from(Array.from({ length: 4_000 }, (_, index) => (index * 7) % 32)),
        headers: { 'content-type': 'application/octet-stream' },
      },
      422,
    ],
    ['JSON without a log', { body: '{}', headers: { 'content-type': 'application/json' } }, 400],
    ['a type nobody reads', { body: '<log/>', headers: { 'content-type': 'application/xml' } }, 415],
  ])('answers %s with a clear problem', async (_, init, status) => {
    const response = await submit('repository=acme/bad', init);
    const problem = (await response.json()) as { status: number; detail: string };
    expect([response.status, problem.status]).toEqual([status, status]);
    expect(problem.detail.length).toBeGreaterThan(10);
  });

  it('refuses a log over the limit with 413', async () => {
    const response = await submit('repository=acme/bad', {
      body: 'x'.repeat(53_000_000),
      headers: { 'content-type': 'text/plain' },
    });
    expect(response.status).toBe(413);
  });

  it.each([
    ['repository=not-a-repository', 'repository'],
    ['repository=../../etc', 'repository'],
    ['repository=acme/..', 'repository'],
    ['repository=acme/a%00b', 'repository'],
    ['job=%00', 'job'],
    ['workflow=a%1bb', 'workflow'],
    ['branch=a%0ab', 'branch'],
    ['colour=blue', 'colour'],
  ])('refuses ?%s, however the log comes, and names the field', async (query, field) => {
    const form = new FormData();
    form.set('log', new Blob([log]), 'build.log');
    for (const init of [
      { body: log, headers: { 'content-type': 'text/plain' } },
      { body: JSON.stringify({ log }), headers: { 'content-type': 'application/json' } },
      { body: form },
    ]) {
      const response = await submit(query, init);
      expect(response.status).toBe(400);
      expect(((await response.json()) as { detail: string }).detail).toContain(field);
    }
  });

  it('refuses an unknown field of JSON and of a form', async () => {
    const form = new FormData();
    form.set('colour', 'blue');
    form.set('log', new Blob([log]), 'build.log');
    for (const init of [
      { body: JSON.stringify({ log, colour: 'blue' }), headers: { 'content-type': 'application/json' } },
      { body: form },
    ]) {
      const response = await submit('', init);
      expect(response.status).toBe(400);
      expect(((await response.json()) as { detail: string }).detail).toContain('colour');
    }
  });
});

describe('reading incidents', () => {
  it('pages through all of them, newest first, none twice', async () => {
    const opened: string[] = [];
    for (let number = 1; number <= 5; number++) {
      opened.push(
        await product.failJob(
          { repository: 'acme/pages', id: 300 + number },
          { id: 3000 + number, name: `job ${number}`, log: failingLog() },
        ),
      );
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Page = await product.json(
        `/api/v1/incidents?limit=2${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
      );
      seen.push(...page.items.filter(({ repository }) => repository === 'acme/pages').map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen).toEqual(opened.toReversed());
  });

  it('filters by status, category and text', async () => {
    const id = await product.failJob(
      { repository: 'acme/filters', id: 320, branch: 'feature/needle' },
      {
        id: 3201,
        name: 'haystack',
        log: failingLog("src/needle.ts(1,1): error TS2304: Cannot find name 'needle'."),
      },
    );
    await product.until<Incident>(`/api/v1/incidents/${id}`, settled);
    const ids = async (query: string) =>
      (await product.json<Page>(`/api/v1/incidents?${query}`)).items.map((incident) => incident.id);
    expect(await ids('status=diagnosed&category=compile_error&q=haystack')).toEqual([id]);
    expect(await ids('branch=feature/needle')).toEqual([id]);
    expect(await ids('status=resolved,ignored')).toEqual([]);
  });

  it.each([
    ['limit=0', 'limit'],
    ['status=broken', 'status'],
    ['from=yesterday', 'from'],
    ['cursor=nonsense', 'cursor'],
    ['q=%00', 'q'],
    ['statuses=resolved', 'statuses'],
  ])('refuses ?%s and names the field', async (query, field) => {
    const response = await product.request(`/api/v1/incidents?${query}`);
    expect(response.status).toBe(400);
    expect(((await response.json()) as { detail: string }).detail).toContain(field);
  });

  it.each(['', '/log', '/timeline'])('refuses what an incident’s address%s does not take', async (path) => {
    const response = await product.request(
      `/api/v1/incidents/00000000-0000-4000-8000-000000000000${path}?fresh=1`,
    );
    expect(response.status).toBe(400);
    expect(((await response.json()) as { detail: string }).detail).toContain('fresh');
  });

  it('tells the story of an incident in its timeline', async () => {
    const id = await product.failJob(
      { repository: 'acme/story', id: 330 },
      { id: 3301, name: 'build', log: failingLog() },
    );
    await product.until<Incident>(`/api/v1/incidents/${id}`, settled);
    const { items } = await product.json<{ items: { kind: string; to: string | null }[] }>(
      `/api/v1/incidents/${id}/timeline`,
    );
    expect(items[0]!.kind).toBe('opened');
    expect(items.map(({ to }) => to).filter(Boolean)).toEqual(
      expect.arrayContaining(['diagnosing', 'diagnosed']),
    );
  });

  it('answers 404 as a problem for what is not there', async () => {
    const response = await product.request('/api/v1/incidents/00000000-0000-4000-8000-000000000000');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      code: 'incident_not_found',
      type: 'urn:devflowfix:problem:incident_not_found',
    });
    expect((await product.request('/api/v1/nothing')).status).toBe(404);
  });

  it('carries request id, process time and query figures', async () => {
    // A list that nobody asked for before: one from the cache needs no query.
    const response = await product.request('/api/v1/incidents?limit=93', {
      headers: { 'x-request-id': 'my-request-1' },
    });
    expect(response.headers.get('x-request-id')).toBe('my-request-1');
    expect(Number(response.headers.get('x-process-time'))).toBeGreaterThan(0);
    expect(Number(response.headers.get('x-query-count'))).toBeGreaterThan(0);
    expect(Number(response.headers.get('x-query-time'))).toBeGreaterThan(0);
  });
});

describe('API keys', () => {
  it('are needed, and a wrong one is not enough', async () => {
    expect((await fetch(`${product.url}/api/v1/incidents`)).status).toBe(401);
    const response = await product.request('/api/v1/incidents', {
      headers: { authorization: 'Bearer dff_wrong' },
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('are made, listed and revoked from the command line while the server runs', async () => {
    const { stdout: key, stderr } = await run('keys', 'create', 'reader', '--role', 'viewer');
    const id = /id ([\w-]{36})/.exec(stderr)![1]!;
    const as = { headers: { authorization: `Bearer ${key.trim()}` } };
    expect((await product.request('/api/v1/incidents', as)).status).toBe(200);
    const forbidden = await product.request('/api/v1/incidents?repository=a/b', {
      method: 'POST',
      body: 'x',
      headers: { ...as.headers, 'content-type': 'text/plain' },
    });
    expect(forbidden.status).toBe(403);

    const { stdout: list } = await run('keys', 'list');
    expect(list).toMatch(new RegExp(`${id}\\s+viewer\\s+active.*reader`));
    expect(list).not.toContain(key.trim());

    await run('keys', 'revoke', id);
    expect((await product.request('/api/v1/incidents', as)).status).toBe(401);
    expect((await run('keys', 'revoke', id)).stderr).toMatch(/No active key/);
  });

  it('see only their projects; the rest is 404', async () => {
    const mine = await product.failJob(
      { repository: 'acme/mine', id: 340 },
      { id: 3401, name: 'build', log: failingLog() },
    );
    const theirs = await product.failJob(
      { repository: 'acme/theirs', id: 341 },
      { id: 3411, name: 'build', log: failingLog() },
    );
    const { projectId } = await product.json<Incident>(`/api/v1/incidents/${mine}`);
    const key = await createKey(product.storeEnvironment, 'operator', projectId);
    const as = { headers: { authorization: `Bearer ${key}` } };

    expect((await product.request(`/api/v1/incidents/${mine}`, as)).status).toBe(200);
    for (const path of ['', '/log', '/timeline']) {
      expect((await product.request(`/api/v1/incidents/${theirs}${path}`, as)).status).toBe(404);
    }
    const page = await product.json<Page>('/api/v1/incidents?limit=100', as);
    expect(new Set(page.items.map(({ repository }) => repository))).toEqual(new Set(['acme/mine']));
    const upload = await product.request('/api/v1/incidents?repository=acme/theirs', {
      method: 'POST',
      body: 'x',
      headers: { ...as.headers, 'content-type': 'text/plain' },
    });
    expect(upload.status).toBe(404);
    expect(await upload.json()).toMatchObject({ code: 'project_not_found' });
  });
});

describe('operations', () => {
  it('is live and ready, and names each part', async () => {
    expect(await (await fetch(`${product.url}/health/live`)).json()).toEqual({ status: 'ok' });
    const ready = (await (await fetch(`${product.url}/health/ready`)).json()) as {
      status: string;
      parts: Record<string, { state: string }>;
    };
    expect(ready.status).toBe('ok');
    expect(Object.keys(ready.parts).toSorted()).toEqual(['cache', 'database', 'model', 'queue']);
  });

  it('shows figures for Prometheus', async () => {
    const text = await (await fetch(`${product.url}/metrics`)).text();
    expect(text).toContain('http_request_duration_seconds_bucket');
  });

  it('describes every route in OpenAPI from the schemas that validate', async () => {
    const document = (await (await fetch(`${product.url}/docs/openapi.json`)).json()) as {
      paths: Record<
        string,
        Record<string, { summary?: string; responses: Record<string, { content?: unknown }> }>
      >;
      components: { schemas: Record<string, unknown> };
    };
    const undescribed = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([, { summary, responses }]) => {
          const good = Object.entries(responses).filter(([status]) => /^(2|302)/.test(status));
          const isDescribed = ([status, { content }]: (typeof good)[number]): boolean =>
            content !== undefined || status === '204' || status === '302';
          return !summary || !good.some(isDescribed);
        })
        .map(([method]) => `${method} ${path}`),
    );
    expect(undescribed).toEqual([]);
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/api/v1/incidents',
        '/api/v1/patterns/{fingerprint}',
        '/api/v1/workflows/{id}/approve',
        '/api/v1/webhooks/github',
        '/health/ready',
        '/metrics',
      ]),
    );
    const list = JSON.stringify(document.paths['/api/v1/incidents']!['get']);
    expect(JSON.stringify(document)).toContain('"diagnosis_failed"');
    expect(list).toContain('"cursor"');
    expect((await fetch(`${product.url}/docs`)).headers.get('content-type')).toContain('text/html');
  });

  it('keeps everything over a restart and prints no second key', async () => {
    const own = await RunningProduct.start();
    const id = await own.failJob(
      { repository: 'acme/restart', id: 350 },
      { id: 3501, name: 'build', log: failingLog() },
    );
    await own.until<Incident>(`/api/v1/incidents/${id}`, settled);
    expect(await own.process.stop()).toBe(0);

    const { ProductProcess, freePort } = await import('../support/product-process.js');
    const again = await ProductProcess.spawn('standalone', {
      PORT: String(await freePort()),
      ...own.storeEnvironment,
    }).ready();
    expect(again.apiKey).toBeNull();
    const response = await fetch(`${again.url}/api/v1/incidents/${id}`, {
      headers: { authorization: `Bearer ${own.apiKey}` },
    });
    expect(await response.json()).toMatchObject({ id, status: 'diagnosed' });
    await again.stop();
    await own.stop();
  }, 90_000);
});
