import { ExternalFailure } from '@app/domain';
import type { ArgumentsHost } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { RecordingLog } from '../../../../test/fakes/recording-log.js';
import { ProblemFilter } from './problem.filter.js';
import type { Problem } from './problem.js';

function answerTo(error: unknown) {
  const headers: Record<string, string> = {};
  let body: unknown;
  const reply = {
    header: (name: string, value: string) => Object.assign(headers, { [name]: value }) && reply,
    status: () => reply,
    type: () => reply,
    send: (sent: unknown) => void (body = sent),
  };
  const http = { getRequest: () => ({ id: 'r', method: 'GET' }), getResponse: () => reply };
  new ProblemFilter(new RecordingLog()).catch(error, {
    switchToHttp: () => http,
  } as unknown as ArgumentsHost);
  return { headers, problem: body as Problem };
}

function failure(code: string, retryable: boolean, message = `${code} happened.`, retryAfterMs?: number) {
  return new ExternalFailure(message, { code, retryable, retryAfterMs });
}

describe('ProblemFilter', () => {
  it.each(['github_not_found', 'github_not_installed', 'github_forbidden'])(
    'tells who named a repository that can’t be read so: %s',
    (code) => {
      const { problem } = answerTo(failure(code, false));
      expect(problem).toMatchObject({ status: 422, code, detail: `${code} happened.` });
    },
  );

  it('answers 502 for who refuses us, and 503 with Retry-After for who is away', () => {
    expect(answerTo(failure('github_unauthorized', false)).problem).toMatchObject({ status: 502 });
    const away = answerTo(failure('llm_unavailable', true, 'The embedder can’t be reached.'));
    expect(away.problem).toMatchObject({ status: 503, detail: 'The embedder can’t be reached.' });
    expect(away.headers['Retry-After']).toBe('5');
    const limited = answerTo(failure('github_rate_limited', true, 'Used up.', 61_200));
    expect(limited.headers['Retry-After']).toBe('62');
  });

  it('shows no secret of an outside system’s words, and none of an unknown error’s', () => {
    const token = `ghp_${'a1B2'.repeat(9)}`;
    const { problem } = answerTo(failure('llm_rejected', false, `The model said: ${token} is no key.`));
    expect(problem.detail).not.toContain(token);
    expect(problem.detail).toContain('The model said');
    expect(answerTo(new Error(token)).problem).toMatchObject({ status: 500, code: 'internal_error' });
  });

  it('hands the words of GitHub’s refusals through as they are', () => {
    const words =
      "GitHub has no runs of octo/typo (404), or the token may not see it: check the repository's name and GITHUB_TOKEN.";
    expect(answerTo(failure('github_not_found', false, words)).problem.detail).toBe(words);
  });
});
