import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { workflowJobEvent, zipped, type JobSeed } from '@app/github';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryPeak } from '../support/memory-peak.js';
import { failingLog, RunningProduct, WEBHOOK_SECRET } from '../support/running-product.js';

interface IncidentAnswer {
  readonly status: string;
  readonly statusReason: string | null;
  readonly jobName: string;
  readonly category: string;
  readonly evidence: readonly { readonly text: string }[];
}
interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Record<string, unknown>;
}

const MB = 1_000_000;
const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

let product: RunningProduct;
let runs = 1_000;
beforeAll(async () => {
  product = await RunningProduct.start({ GITHUB_LOG_MAX_BYTES: String(26 * MB) });
});
afterAll(() => product.stop());

const signature = (body: string | Buffer, secret = WEBHOOK_SECRET, hash = 'sha256') =>
  `${hash}=${createHmac(hash, secret).update(body).digest('hex')}`;
const failedJob = (name = 'build', repository = 'acme/bad') => {
  const id = (runs += 1);
  return workflowJobEvent({ repository, id }, { id: id * 10, name, failedStep: 'Build' });
};

/** A delivery, signed unless `headers` says otherwise. */
async function post(body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${product.url}/api/v1/webhooks/github`, {
    method: 'POST',
    body,
    headers: {
      'content-type': JSON_TYPE,
      'x-github-event': 'workflow_job',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': signature(body),
      ...headers,
    },
  });
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    body: (await response.json()) as Record<string, unknown>,
  };
}

/** Sends without end until an answer comes; answers that, and how much was sent. */
async function pour(path: string, headers: Record<string, string>) {
  const request = httpRequest(product.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${product.apiKey}`, ...headers },
  });
  const piece = Buffer.from(`${'one more line of a log that has no end'.repeat(3)}\n`.repeat(1_000));
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  // The server may close the connection after its answer.
  request.on('error', () => undefined);
  let sent = 0;
  while (request.listenerCount('response') > 0 && sent < 500 * MB) {
    sent += piece.length;
    if (!request.write(piece)) await Promise.race([once(request, 'drain'), answered]);
  }
  const [response] = await answered;
  const problem = JSON.parse(await text(response)) as { code: string; detail: string };
  request.destroy();
  return { status: response.statusCode, sent, ...problem };
}

const fail = async (job: Partial<JobSeed>, archive?: Uint8Array) => {
  const id = (runs += 1);
  const seed = { id: id * 10, name: 'build', ...job };
  const incident = await product.failJob({ repository: 'acme/logs', id, ...(archive && { archive }) }, seed);
  return product.until<IncidentAnswer>(
    `/api/v1/incidents/${incident}`,
    ({ status }) => status !== 'received' && status !== 'diagnosing',
    110_000,
  );
};

describe('a webhook delivery that is wrong', () => {
  const event = JSON.stringify(failedJob());
  const unsigned = { 'x-hub-signature-256': '' };
  const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;

  it.each<[string, string | Buffer, Record<string, string>, number, string, RegExp]>([
    ['has no signature', event, unsigned, 401, 'unauthorized', /X-Hub-Signature-256 is missing/],
    [
      'has the signature of another secret',
      event,
      { 'x-hub-signature-256': signature(event, 'other') },
      401,
      'unauthorized',
      /does not match/,
    ],
    [
      'has a signature of other bytes',
      event,
      { 'x-hub-signature-256': signature(`${event} `) },
      401,
      'unauthorized',
      /does not match/,
    ],
    [
      'has a SHA-1 signature alone',
      event,
      { ...unsigned, 'x-hub-signature': signature(event, WEBHOOK_SECRET, 'sha1') },
      401,
      'unauthorized',
      /X-Hub-Signature-256/,
    ],
    ['is cut short', event.slice(0, -20), {}, 400, 'invalid_input', /not JSON/],
    ['nests 100,000 levels deep', deep, {}, 400, 'invalid_input', /100 levels deep/],
    [
      'nests so and is not signed',
      deep,
      { 'x-hub-signature-256': signature('') },
      401,
      'unauthorized',
      /does not match/,
    ],
    ['is a million lists', `[${'[],'.repeat(MB)}[]]`, {}, 400, 'invalid_input', /1000000 values/],
    ['is a list', '[]', {}, 400, 'invalid_input', /workflow_job/],
    ['is empty', '', {}, 400, 'invalid_input', /not JSON/],
    [
      'is plain text',
      event,
      { 'content-type': 'text/plain' },
      415,
      'unsupported_media_type',
      /application\/json/,
    ],
    [
      'is of no type that is known',
      event,
      { 'content-type': 'application/xml' },
      415,
      'unsupported_media_type',
      /./,
    ],
    ['is a form without the event', 'zen=1', { 'content-type': FORM_TYPE }, 400, 'invalid_input', /payload/],
    ['names no event', event, { 'x-github-event': '' }, 400, 'invalid_input', /X-GitHub-Event/],
    [
      'has an id that is none',
      event,
      { 'x-github-delivery': '../../etc' },
      400,
      'invalid_input',
      /X-GitHub-Delivery/,
    ],
  ])('because it %s is told so', async (_, body, headers, status, code, detail) => {
    const answer = await post(body, headers);
    expect(answer).toMatchObject({ status, body: { status, code, requestId: expect.any(String) } });
    expect(answer.type).toContain('application/problem+json');
    expect(answer.body['detail']).toMatch(detail);
  });

  it.each([
    ['its length says so', { 'content-length': String(30 * MB) }],
    ['it turns out so', { 'transfer-encoding': 'chunked' }],
  ])('because it is larger than is taken is refused before it is held, when %s', async (_, headers) => {
    const peak = await memoryPeak(product.process.child.pid!, async () => {
      const answer = await pour('/api/v1/webhooks/github', { 'content-type': JSON_TYPE, ...headers });
      expect(answer).toMatchObject({ status: 413, code: 'payload_too_large' });
      expect(answer.detail).toContain('26214400');
    });
    expect(peak).toBeLessThan(150 * MB);
  });
});

const accepted = async (body: string | Buffer, headers?: Record<string, string>) => {
  const answer = await post(body, headers);
  expect(answer).toMatchObject({ status: 202, body: { status: 'accepted' } });
  const [incident] = answer.body['incidents'] as string[];
  return product.json<IncidentAnswer>(`/api/v1/incidents/${incident}`);
};

describe('a webhook delivery that is odd', () => {
  it('opens an incident when it comes as a form', async () => {
    const body = new URLSearchParams({ payload: JSON.stringify(failedJob('as a form & more')) }).toString();
    expect((await accepted(body, { 'content-type': FORM_TYPE })).jobName).toBe('as a form & more');
  });

  it('opens an incident when bytes of it are no UTF-8, or can’t be stored', async () => {
    const latin = Buffer.from(JSON.stringify(failedJob('caf\u00e9')), 'latin1');
    expect((await accepted(latin)).jobName).toBe('caf\ufffd');
    const escaped = JSON.stringify(failedJob('a-NUL-b')).replaceAll('-NUL-', String.raw`\u0000\ud800`);
    expect((await accepted(escaped)).jobName).toBe('a\ufffdb');
  });

  it('is read as JSON is where keys come twice, and makes nothing of __proto__', async () => {
    const twice = JSON.stringify(failedJob('second')).replace(
      '"workflow_job":',
      '"__proto__":{"polluted":true},"constructor":{"prototype":{}},"workflow_job":{"id":1},"workflow_job":',
    );
    expect((await accepted(twice)).jobName).toBe('second');
  });

  it('opens an incident that says what is wrong, for a repository that GitHub doesn’t know', async () => {
    const { body } = await post(JSON.stringify(failedJob('build', 'nobody/knows')));
    const [id] = body['incidents'] as string[];
    const incident = await product.until<IncidentAnswer>(
      `/api/v1/incidents/${id}`,
      ({ status }) => status === 'diagnosis_failed',
    );
    expect(incident.statusReason).toMatch(/GitHub has no log of job \d+ of nobody\/knows.*may not read it/);
  });

  it('is ignored with a reason when nobody knows the event', async () => {
    const answer = await post('{"action":"created"}', { 'x-github-event': 'no_such_event' });
    expect(answer).toMatchObject({
      status: 200,
      body: { status: 'ignored', reason: expect.stringContaining('no_such_event') },
    });
  });
});

const line = (i: number) =>
  `2026-05-04T12:10:11.1234567Z step ${i} of ${(i * 2_654_435_761) % 4_294_967_296}\n`;

describe('a log that is bad', () => {
  it(
    'because it has 500 MB is read in bounded memory, and diagnosed by its end',
    { timeout: 120_000 },
    async () => {
      const block = Buffer.from(Array.from({ length: 20_000 }, (_, i) => line(i)).join(''));
      async function* huge() {
        for (let sent = 0; sent < 500 * MB; sent += block.length) yield block;
        yield Buffer.from(failingLog());
      }
      let incident: IncidentAnswer;
      const peak = await memoryPeak(product.process.child.pid!, async () => {
        incident = await fail({ log: () => huge() });
      });
      expect(incident!).toMatchObject({ status: 'diagnosed', category: 'compile_error' });
      expect(incident!.evidence[0]!.text).toContain('TS2322');
      expect(peak).toBeLessThan(300 * MB);
    },
  );

  it('because it has no end is refused when it is handed in', async () => {
    const peak = await memoryPeak(product.process.child.pid!, async () => {
      const answer = await pour('/api/v1/incidents', { 'content-type': 'text/plain' });
      expect(answer).toMatchObject({ status: 413, code: 'payload_too_large' });
      expect(answer.sent).toBeLessThan(100 * MB);
    });
    expect(peak).toBeLessThan(300 * MB);
  });

  it('because it is a zip bomb in the archive of its run', async () => {
    const bomb = zipped([{ name: '0_build.txt', content: Buffer.alloc(300 * MB) }]);
    let incident: IncidentAnswer;
    const peak = await memoryPeak(product.process.child.pid!, async () => {
      incident = await fail({ log: null }, bomb);
    });
    expect(incident!.status).toBe('diagnosis_failed');
    expect(incident!.statusReason).toMatch(/is refused: a log in it unpacks from \d+ to 300000000 bytes/);
    expect(peak).toBeLessThan(150 * MB);
  });

  it('because it lies at an address in our own network', async () => {
    product.github.fail('log', { kind: 'redirect', to: 'http://169.254.169.254/latest/meta-data' });
    const incident = await fail({ log: 'never read\n' }, zipped([]));
    expect(incident.status).toBe('diagnosis_failed');
    expect(incident.statusReason).toMatch(/address GitHub gave .* is refused: .*link-local/);
  });
});

describe('after all of it', () => {
  it('a delivery is taken and its failure diagnosed', async () => {
    expect((await fail({ log: failingLog() })).status).toBe('diagnosed');
  });
});
