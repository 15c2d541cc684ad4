import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspectAnswer, inspectConnection } from '@app/llm';
import { OpenAiServer } from '../../stand-ins/openai-server.js';
import { llmConfig } from '../../support/llm-config.js';

describe('the inspection of a model', () => {
  let server: OpenAiServer;

  beforeEach(async () => {
    server = await OpenAiServer.start();
    server.answer = () => ({ ready: true });
  });

  afterEach(() => server.close());

  const connection = async (baseUrl = server.url) => (await inspectConnection(llmConfig(baseUrl))).trouble;
  const answer = () => inspectAnswer(llmConfig(server.url), 'stand-in:8b');

  it('finds nothing wrong where nothing is', async () => {
    expect(await connection()).toBeNull();
    expect(await answer()).toEqual({ trouble: null, format: 'json_schema' });
  });

  it('sees a name that nobody knows', async () => {
    expect(await connection('http://no-such-host.invalid/v1')).toMatchObject({
      problem: 'llm_dns',
      mend: expect.stringContaining('LLM_BASE_URL'),
    });
  });

  it('sees that nothing listens', async () => {
    const gone = await OpenAiServer.start();
    const { url } = gone;
    await gone.close();
    expect(await connection(url)).toMatchObject({ problem: 'llm_refused' });
  });

  it('sees that a server speaks no TLS', async () => {
    expect(await connection(server.url.replace('http:', 'https:'))).toMatchObject({ problem: 'llm_tls' });
  });

  it('sees a key that is refused', async () => {
    server.requiredKey = 'another';
    expect(await connection()).toMatchObject({ problem: 'llm_unauthorized', mend: 'Correct LLM_API_KEY.' });
  });

  it('sees a model that the server does not know', async () => {
    server.fail({ kind: 'status', status: 404, error: { message: 'model not found' } });
    expect((await answer()).trouble).toMatchObject({ problem: 'llm_not_found' });
  });

  it('sees how answers are asked for, down to plain text', async () => {
    server.formats = ['json_object', 'text'];
    expect((await answer()).format).toBe('json_object');
    server.formats = ['text'];
    expect((await answer()).format).toBe('text');
  });

  it('sees a model that keeps to no shape', async () => {
    server.fail({ kind: 'text', text: 'Yes, I am ready!' });
    expect((await answer()).trouble).toMatchObject({ problem: 'llm_unusable_answer' });
  });
});
