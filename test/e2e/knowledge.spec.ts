import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PageServer } from '../support/page-server.js';
import { deflateBomb, emptyPdf, manyPages, pdfOf } from '../support/pdf-files.js';
import { createKey, runCli } from '../support/cli.js';
import { failingLog, RunningProduct } from '../support/running-product.js';

interface Document {
  id: string;
  title: string;
  status: string;
  projectId: string | null;
  passages: number;
}
interface Job {
  id: string;
  state: string;
  documentId: string;
  progress: { done: number; total: number };
}
interface Added {
  document: Document;
  job: Job | null;
  duplicate: boolean;
}
interface Answer {
  answer: string;
  sources: {
    id: string;
    kind: string;
    title: string;
    quotes: string[];
    excerpt: string;
    documentId: string | null;
  }[];
  grounded: boolean;
  answeredBy: string;
  cached: boolean;
}
interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

const RUNBOOK = `# Runner disks

## Disk full

When a job fails with ENOSPC, prune the docker images on the runner.
`;

let product: RunningProduct;
let pages: PageServer;
let ownProject: string;
let scopedKey: string;

beforeAll(async () => {
  pages = await PageServer.start();
  product = await RunningProduct.start({
    KNOWLEDGE_INTERNAL_HOSTS: '127.0.0.1',
    KNOWLEDGE_READ_TIMEOUT_MS: '10000',
    OUTBOX_SWEEP_INTERVAL_MS: '300',
    OUTBOX_GRACE_MS: '500',
  });
  await submitLog('acme/other');
  ownProject = await submitLog('acme/own');
  scopedKey = await createKey(product.storeEnvironment, 'operator', ownProject);
});
afterAll(async () => {
  await product.stop();
  await pages.close();
});

const cli = (...args: string[]) =>
  runCli(args, {
    env: { NODE_ENV: 'test', ...product.storeEnvironment, LOG_LEVEL: 'warn' },
  });

/** Hands in a log; answers the project's id once it is diagnosed. */
async function submitLog(repository: string): Promise<string> {
  const response = await product.request(`/api/v1/incidents?repository=${repository}`, {
    method: 'POST',
    body: failingLog(),
    headers: { 'content-type': 'text/plain' },
  });
  const { id } = (await response.json()) as { id: string };
  const incident = await product.until<{ status: string; projectId: string }>(
    `/api/v1/incidents/${id}`,
    ({ status }) => status === 'diagnosed',
  );
  return incident.projectId;
}

function post(path: string, body: object, key?: string): Promise<Response> {
  return product.request(`/api/v1${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...(key ? { authorization: `Bearer ${key}` } : {}) },
  });
}

function uploadFile(
  bytes: Uint8Array | string,
  name: string,
  type: string,
  fields: Record<string, string> = {},
) {
  const form = new FormData();
  form.set('file', new Blob([typeof bytes === 'string' ? bytes : Uint8Array.from(bytes)], { type }), name);
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  return product.request('/api/v1/knowledge/documents', { method: 'POST', body: form });
}

async function added(response: Response | Promise<Response>): Promise<Added> {
  const answer = await response;
  const body = (await answer.json()) as Added;
  if (answer.status !== 202) throw new Error(`answered ${answer.status}: ${JSON.stringify(body)}`);
  await product.until<Job>(`/api/v1/jobs/${body.job!.id}`, ({ state }) => state === 'done');
  return body;
}

/** A request with the key for one project. */
const scoped = (path: string, init: RequestInit = {}) =>
  product.request(`/api/v1${path}`, { ...init, headers: { authorization: `Bearer ${scopedKey}` } });

async function ask(question: string, more: object = {}, key?: string): Promise<Answer> {
  const response = await post('/chat', { question, ...more }, key);
  if (!response.ok) throw new Error(`answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

const documents = async () =>
  (await product.json<Page<Document>>('/api/v1/knowledge/documents?limit=100')).items;

describe('a document', () => {
  it('handed in as a file is found by a question, with its source', async () => {
    const { document, job } = await added(uploadFile(RUNBOOK, 'disks.md', 'text/markdown'));
    expect(document).toMatchObject({ title: 'Runner disks', status: 'pending', projectId: null });
    const [listed] = await documents();
    expect(listed).toMatchObject({ id: document.id, status: 'ready', passages: 1 });
    expect(await product.json<Job>(`/api/v1/jobs/${job!.id}`)).toMatchObject({
      state: 'done',
      documentId: document.id,
      progress: { done: 1, total: 1 },
    });

    const answer = await ask('What do I do when a job fails with ENOSPC on the runner?');
    expect(answer).toMatchObject({ answeredBy: 'rules', grounded: true });
    expect(answer.answer).toContain('No model answers');
    const source = answer.sources.find(({ documentId }) => documentId === document.id);
    expect(source).toMatchObject({ kind: 'passage', title: 'Runner disks › Disk full' });
    expect(source!.quotes).toEqual(['When a job fails with ENOSPC, prune the docker images on the runner.']);
  });

  it('that is there already is not stored again', async () => {
    const before = await documents();
    const again = await uploadFile(RUNBOOK, 'another-name.md', 'text/plain');
    expect(again.status).toBe(200);
    expect(await again.json()).toMatchObject({
      duplicate: true,
      job: null,
      document: { title: 'Runner disks' },
    });
    expect(await documents()).toEqual(before);
  });

  it('is kept, searched and shown without its secrets', async () => {
    const token = `ghp_${'Zx9Yw8Vu7T'.repeat(4).slice(0, 36)}`;
    const content = `# Registry login ${token}\n\nRun docker login with the password ${token} before pushing.`;
    await added(post('/knowledge/documents', { content, filename: `${token}.md` }));
    const answer = await ask('registry docker login password pushing');
    const shown = JSON.stringify([answer, await documents(), await product.json('/api/v1/jobs')]);
    expect(shown).toContain('Registry login');
    expect(shown).not.toContain(token);
    expect(product.process.printed).not.toContain(token);
  });

  it('in HTML leaves its scripts behind', async () => {
    const html =
      '<title>Flaky gateway</title><script>steal()</script><p onclick="steal()">Restart the flaky gateway.</p>';
    await added(uploadFile(html, 'gateway.html', 'text/html'));
    const { sources } = await ask('flaky gateway restart');
    expect(JSON.stringify(sources)).toContain('Restart the flaky gateway.');
    expect(JSON.stringify(sources)).not.toContain('steal');
  });

  it('as a PDF is read by its pages', async () => {
    const { document } = await added(
      uploadFile(pdfOf('Certificates', 'Renew the proxy certificate yearly.'), 'c.pdf', 'application/pdf'),
    );
    expect(document.title).toBe('Certificates');
    expect((await ask('renew proxy certificate')).sources[0]).toMatchObject({ documentId: document.id });
  });

  it('from an address is fetched, and replaced when it changes', async () => {
    const url = pages.text('/wiki/cache.md', '# Cache\n\nFlush the sccache bucket when objects are corrupt.');
    const first = await added(post('/knowledge/urls', { url }));
    expect((await post('/knowledge/urls', { url })).status).toBe(200);
    pages.text('/wiki/cache.md', '# Cache\n\nDelete the sccache bucket when objects are corrupt.');
    const second = await added(post('/knowledge/urls', { url }));
    const ids = (await documents()).map(({ id }) => id);
    expect(ids).toContain(second.document.id);
    expect(ids).not.toContain(first.document.id);
    expect(JSON.stringify(await ask('sccache bucket corrupt objects'))).toContain(
      'Delete the sccache bucket',
    );
  });

  it('is added from the command line, and found when the server has taken it from there', async () => {
    const path = join(product.dataDir, 'helm.md');
    await writeFile(path, '# Helm\n\nRoll the kraken chart back.');
    const { stdout } = await cli('knowledge', 'add', path);
    expect(stdout).toMatch(/^“Helm” is stored \([\w-]+\): 1 passages\./);
    await product.until<Page<Document>>('/api/v1/knowledge/documents', ({ items }) =>
      items.some(({ title, status }) => title === 'Helm' && status === 'ready'),
    );
    expect((await ask('kraken chart')).sources[0]).toMatchObject({ title: 'Helm' });
    expect((await cli('knowledge', 'add', path)).stdout).toContain('nothing was stored');
    expect(await cli('knowledge', 'add', 'http://169.254.169.254/')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('link-local') as string,
    });
  });

  it('that is removed is answered no more', async () => {
    const content = 'The zeppelin deployment needs a hydrogen refill.';
    const { document } = await added(post('/knowledge/documents', { content, title: 'Zeppelin' }));
    expect((await ask('zeppelin hydrogen refill')).sources).toHaveLength(1);
    const removed = await product.request(`/api/v1/knowledge/documents/${document.id}`, { method: 'DELETE' });
    expect(removed.status).toBe(204);
    expect((await ask('zeppelin hydrogen refill')).sources).toEqual([]);
    const again = await product.request(`/api/v1/knowledge/documents/${document.id}`, { method: 'DELETE' });
    expect(again.status).toBe(404);
  });
});

describe('what can’t be taken in', () => {
  it.each<[string, number, string, () => Promise<Response> | Response]>([
    [
      'a PDF beyond the limit',
      413,
      'payload_too_large',
      () =>
        uploadFile(Buffer.concat([pdfOf('a', 'b'), Buffer.alloc(20_971_520)]), 'big.pdf', 'application/pdf'),
    ],
    [
      'a file far beyond the limit',
      413,
      'payload_too_large',
      () => uploadFile(Buffer.alloc(23_000_000, 'x'), 'big.txt', 'text/plain'),
    ],
    [
      'a PDF that inflates without end',
      422,
      'unreadable_document',
      async () => uploadFile(await deflateBomb(2_048), 'bomb.pdf', 'application/pdf'),
    ],
    [
      'a PDF of too many pages',
      422,
      'unreadable_document',
      () => uploadFile(manyPages(100_000), 'pages.pdf', 'application/pdf'),
    ],
    [
      'a PDF without text',
      422,
      'unreadable_document',
      () => uploadFile(emptyPdf(), 'scan.pdf', 'application/pdf'),
    ],
    [
      'a broken PDF',
      422,
      'unreadable_document',
      () => uploadFile('%PDF-1.7 and nothing more', 'a.pdf', 'application/pdf'),
    ],
    [
      'what only calls itself PDF',
      415,
      'unsupported_document_type',
      () => uploadFile('<html>', 'a.pdf', 'application/pdf'),
    ],
    ['an empty file', 422, 'unreadable_document', () => uploadFile('', 'a.md', 'text/markdown')],
    ['blanks', 422, 'unreadable_document', () => post('/knowledge/documents', { content: '  \n ' })],
    [
      'scripts alone',
      422,
      'unreadable_document',
      () => uploadFile('<script>steal()</script>', 'a.html', 'text/html'),
    ],
    ['a picture', 415, 'unsupported_document_type', () => uploadFile('x', 'a.png', 'image/png')],
    [
      'a binary file as text',
      422,
      'unreadable_document',
      () => uploadFile(Uint8Array.from([0, 1, 2, 255]), 'a.txt', 'text/plain'),
    ],
    [
      'a form without a file',
      400,
      'invalid_input',
      () => product.request('/api/v1/knowledge/documents', { method: 'POST', body: formOf({ title: 'x' }) }),
    ],
    [
      'an unknown field',
      400,
      'invalid_input',
      () => uploadFile('text', 'a.md', 'text/markdown', { colour: 'blue' }),
    ],
    ['no text', 400, 'invalid_input', () => post('/knowledge/documents', { title: 'x' })],
    [
      'a project that is not there',
      404,
      'project_not_found',
      () => post('/knowledge/documents', { content: 'x', project: '00000000-0000-4000-8000-000000000000' }),
    ],
    [
      'the metadata service',
      422,
      'refused_url',
      () => post('/knowledge/urls', { url: 'http://169.254.169.254/latest/meta-data' }),
    ],
    ['a private address', 422, 'refused_url', () => post('/knowledge/urls', { url: 'http://10.0.0.1/' })],
    [
      'a name that leads to our own machine',
      422,
      'refused_url',
      () => post('/knowledge/urls', { url: `http://localhost:${pages.port}/wiki/cache.md` }),
    ],
    [
      'a redirect to the metadata service',
      422,
      'refused_url',
      () => post('/knowledge/urls', { url: pages.redirect('/evil', 'http://169.254.169.254/') }),
    ],
    [
      'a file of the server',
      400,
      'invalid_input',
      () => post('/knowledge/urls', { url: 'file:///etc/passwd' }),
    ],
    [
      'an address with a password',
      400,
      'invalid_input',
      () => post('/knowledge/urls', { url: 'https://me:secret@host/' }),
    ],
    [
      'an address without a document',
      502,
      'url_unavailable',
      () => post('/knowledge/urls', { url: `${pages.url}/missing` }),
    ],
    [
      'an address that gives a picture',
      415,
      'unsupported_document_type',
      () => post('/knowledge/urls', { url: pages.text('/a.png', 'x', 'image/png') }),
    ],
  ])('is %s: a clear error, and nothing is stored', async (_, status, code, send) => {
    const before = [await documents(), await product.json('/api/v1/jobs?limit=100')];
    const response = await send();
    const problem = (await response.json()) as { code: string; detail: string };
    expect([response.status, problem.code]).toEqual([status, code]);
    expect(problem.detail.length).toBeGreaterThan(15);
    expect(problem.detail).not.toContain('secret@');
    expect([await documents(), await product.json('/api/v1/jobs?limit=100')]).toEqual(before);
  });

  it('is whatever an address inside our network is written as, named or redirected to', async () => {
    const port = `:${pages.port}`;
    const hosts = [
      '127.0.0.2',
      '2130706434',
      '0x7f000002',
      '0177.0.0.2',
      '127.2',
      '0.0.0.0',
      'localhost',
      'LOCALHOST',
      '%31%32%37.0.0.2',
      '[::1]',
      '[::]',
      '[::127.0.0.1]',
      '[::ffff:127.0.0.2]',
      '[::ffff:0:127.0.0.1]',
      '[64:ff9b::7f00:2]',
      '[64:ff9b:1::7f00:1]',
      '[2002:7f00:1::1]',
      '[2001:0:7f00:1::1]',
      '[fd00::1]',
      '[fe80::1]',
      '192.168.0.1',
      '100.64.0.1',
    ];
    const asked = pages.asked.length;
    const outcomes = [];
    for (const [index, host] of hosts.entries()) {
      const inside = `http://${host}${port}/wiki/cache.md`;
      for (const url of [inside, pages.redirect(`/evil/${index}`, inside)]) {
        const response = await post('/knowledge/urls', { url });
        outcomes.push([host, response.status, ((await response.json()) as { code: string }).code]);
      }
    }
    expect(outcomes).toEqual(hosts.flatMap((host) => [0, 1].map(() => [host, 422, 'refused_url'])));
    // The redirects alone reached anybody.
    expect(pages.asked.slice(asked)).toEqual(hosts.map((_, index) => `/evil/${index}`));
  });

  it('is counted with what was taken in', async () => {
    const metrics = await (await product.request('/metrics')).text();
    for (const status of ['accepted', 'duplicate', 'rejected', 'failed']) {
      expect(metrics).toMatch(new RegExp(`ingest_requests_total\\{status="${status}"\\} [1-9]`));
      expect(metrics).toMatch(new RegExp(`ingest_latency_seconds_count\\{status="${status}"\\} [1-9]`));
    }
    expect(product.process.printed).toMatch(
      /"filename":"disks.md","content_type":"text\/markdown","size_bytes":\d+/,
    );
  });
});

function formOf(fields: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

describe('a key for one project', () => {
  it('sees its own documents and those for every project, and no others', async () => {
    const own = await added(
      post(
        '/knowledge/documents',
        { content: 'The quasar pipeline of ours restarts by itself.', project: ownProject },
        scopedKey,
      ),
    );
    const otherProject = (
      await product.json<Page<{ projectId: string; repository: string }>>('/api/v1/incidents')
    ).items.find(({ repository }) => repository === 'acme/other')!.projectId;
    const foreign = await added(
      post('/knowledge/documents', {
        content: 'The quasar pipeline of theirs restarts by itself.',
        project: otherProject,
      }),
    );

    const listed = (await (await scoped('/knowledge/documents?limit=100')).json()) as Page<Document>;
    const ids = listed.items.map(({ id }) => id);
    expect(ids).toContain(own.document.id);
    expect(ids).not.toContain(foreign.document.id);
    expect(listed.items.some(({ projectId }) => projectId === null)).toBe(true);
    expect((await scoped(`/jobs/${foreign.job!.id}`)).status).toBe(404);
    expect((await scoped(`/knowledge/documents/${foreign.document.id}`, { method: 'DELETE' })).status).toBe(
      404,
    );

    const answer = await ask('quasar pipeline restarts', {}, scopedKey);
    expect(JSON.stringify(answer)).toContain('of ours');
    expect(JSON.stringify(answer)).not.toContain('of theirs');
    expect(JSON.stringify(await ask('quasar pipeline restarts'))).toContain('of theirs');
    expect((await post('/chat', { question: 'quasar?', project: otherProject }, scopedKey)).status).toBe(404);
    const nowhere = await post('/chat', { question: 'quasar?', project: own.document.id });
    expect([nowhere.status, await nowhere.json()]).toMatchObject([404, { code: 'project_not_found' }]);
  });

  it('changes nothing that is for every project', async () => {
    expect((await post('/knowledge/documents', { content: 'for all' }, scopedKey)).status).toBe(403);
    const ofAll = (await documents()).find(({ projectId }) => projectId === null)!;
    expect((await scoped(`/knowledge/documents/${ofAll.id}`, { method: 'DELETE' })).status).toBe(403);
    expect((await post('/channels', { title: 'All' }, scopedKey)).status).toBe(403);
  });
});

describe('a background job', () => {
  it('that is done is neither cancelled nor tried again', async () => {
    const [job] = (await product.json<Page<Job>>('/api/v1/jobs?state=done&limit=1')).items;
    for (const action of ['cancel', 'retry']) {
      const response = await product.request(`/api/v1/jobs/${job!.id}/${action}`, { method: 'POST' });
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
        409,
        'job_in_wrong_state',
      ]);
    }
    const missing = await product.request('/api/v1/jobs/00000000-0000-4000-8000-000000000000/cancel', {
      method: 'POST',
    });
    expect(missing.status).toBe(404);
  });
});

describe('a question about incidents', () => {
  it('is answered from what is known of them', async () => {
    const { sources } = await ask('Why is the type string not assignable to number in basket?', {
      project: ownProject,
    });
    expect(sources.map(({ kind, title }) => [kind, title])).toContainEqual(['incident', 'log of acme/own']);
    expect(JSON.stringify(sources)).toContain('TS2322');
    expect(JSON.stringify(sources)).not.toContain('acme/other');
  });

  it('goes on in a session, and needs words', async () => {
    const first = await ask('ENOSPC on the runner?', { sessionId: 'mine' });
    expect(first).toMatchObject({ sessionId: 'mine' });
    expect((await post('/chat', { question: '   ' })).status).toBe(400);
    expect((await post('/chat', { question: 'x'.repeat(4_001) })).status).toBe(400);
    expect((await post('/chat', { question: 'x', sessionId: '../../x' })).status).toBe(400);
  });
});

describe('a channel', () => {
  interface Channel {
    id: string;
    title: string;
    projectId: string | null;
    messages: number;
  }
  interface Message {
    role: string;
    author: string;
    text: string;
    answer: Answer | null;
  }

  it('keeps a conversation with the assistant, and shows it from the cache', async () => {
    const opened = (await (await post('/channels', { title: 'Disks' })).json()) as Channel;
    expect(opened).toMatchObject({ title: 'Disks', messages: 0, projectId: null });
    const path = `/api/v1/channels/${opened.id}`;
    const said = await post(`/channels/${opened.id}/messages`, {
      text: 'What do I do about ENOSPC on the runner?',
    });
    expect(said.status).toBe(201);
    const { message, reply } = (await said.json()) as { message: Message; reply: Message };
    expect(message).toMatchObject({ role: 'person', answer: null });
    expect(reply).toMatchObject({ role: 'assistant', author: 'assistant', answer: { answeredBy: 'rules' } });
    expect(reply.answer!.sources[0]!.title).toContain('Runner disks');

    expect(await product.json<Channel>(path)).toMatchObject({ messages: 2 });
    expect(await (await product.untilHit(path)).json()).toMatchObject({ messages: 2 });
    const heard = await product.json<Page<Message>>(`${path}/messages`);
    expect(heard.items.map(({ role }) => role)).toEqual(['assistant', 'person']);
    expect((await product.json<Page<Channel>>('/api/v1/channels')).items.map(({ id }) => id)).toContain(
      opened.id,
    );

    const cleared = await product.request(`${path}/clear`, { method: 'POST' });
    expect(await cleared.json()).toEqual({ removed: 2 });
    expect(await product.json<Channel>(path)).toMatchObject({ messages: 0 });
    expect((await product.request(path, { method: 'DELETE' })).status).toBe(204);
    expect((await product.request(path)).status).toBe(404);
    expect((await product.json<Page<Channel>>('/api/v1/channels')).items).toEqual([]);
  });

  it('about an incident is of its project, and hidden from others', async () => {
    const incidents =
      await product.json<Page<{ id: string; repository: string; projectId: string }>>('/api/v1/incidents');
    const other = incidents.items.find(({ repository }) => repository === 'acme/other')!;
    const opened = (await (await post('/channels', { title: 'It', incident: other.id })).json()) as Channel;
    expect(opened.projectId).toBe(other.projectId);
    const said = await post(`/channels/${opened.id}/messages`, { text: 'What is it?' });
    const { reply } = (await said.json()) as { reply: Message };
    expect(reply.answer!.sources[0]).toMatchObject({ id: 'S1', kind: 'incident' });
    for (const path of [`/channels/${opened.id}`, `/channels/${opened.id}/messages`]) {
      const response = await product.request(`/api/v1${path}`, {
        headers: { authorization: `Bearer ${scopedKey}` },
      });
      expect(response.status).toBe(404);
    }
    expect((await post(`/channels/${opened.id}/messages`, { text: 'x' }, scopedKey)).status).toBe(404);
    expect((await post('/channels', { title: 'x', incident: other.id }, scopedKey)).status).toBe(404);
  });
});

it('is described', async () => {
  const { paths } = (await (await fetch(`${product.url}/docs/openapi.json`)).json()) as {
    paths: Record<string, object>;
  };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  for (const route of [
    'get /api/v1/knowledge/documents',
    'post /api/v1/knowledge/documents',
    'post /api/v1/knowledge/urls',
    'delete /api/v1/knowledge/documents/{id}',
    'get /api/v1/jobs',
    'post /api/v1/jobs/{id}/retry',
    'post /api/v1/chat',
    'get /api/v1/channels/{id}/messages',
    'post /api/v1/channels/{id}/clear',
  ])
    expect(described).toContain(route);
});
