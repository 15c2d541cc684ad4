import type { ServerResponse } from 'node:http';

/** What a stand-in does in place of its answer. Before `lost_answer` and `withheld_answer` the endpoint runs. */
export type InjectedFailure =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** The primary limit: 403 with `x-ratelimit-remaining: 0`. */
  | { readonly kind: 'rate_limit'; readonly resetsInSeconds: number }
  /** The secondary limit: 403 with `retry-after`. */
  | { readonly kind: 'secondary_limit'; readonly retryAfterSeconds: number }
  /** Accepts the request and never answers. */
  | { readonly kind: 'silence' }
  /** Answers 200, sends half a body and cuts the connection. */
  | { readonly kind: 'cut' }
  /** Does what was asked, and cuts the connection before the answer. */
  | { readonly kind: 'lost_answer' }
  /** Does what was asked, and never answers. */
  | { readonly kind: 'withheld_answer' }
  /** What GraphQL says no with: 200, and an error of this type (`FORBIDDEN`, say). */
  | { readonly kind: 'query_error'; readonly type: string }
  | { readonly kind: 'redirect'; readonly to: string }
  | { readonly kind: 'garbage' };

export function answerWithFailure(response: ServerResponse, failure: InjectedFailure): void {
  switch (failure.kind) {
    case 'lost_answer':
      response.destroy();
      return;
    case 'status':
      return sendJson(response, failure.status, { message: `Injected ${failure.status}` }, failure.headers);
    case 'rate_limit': {
      const reset = Math.ceil(Date.now() / 1_000) + failure.resetsInSeconds;
      const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) };
      return sendJson(response, 403, { message: 'API rate limit exceeded for installation.' }, headers);
    }
    case 'secondary_limit':
      return sendJson(
        response,
        403,
        {
          message:
            'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
        },
        { 'retry-after': String(failure.retryAfterSeconds) },
      );
    case 'query_error': {
      const errors = [{ type: failure.type, path: ['repository'], message: `Injected ${failure.type}` }];
      return sendJson(response, 200, { data: { repository: null }, errors });
    }
    case 'silence':
    case 'withheld_answer':
      return;
    case 'cut':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"id": 1,', () => response.destroy());
      return;
    case 'redirect':
      response.writeHead(302, { location: failure.to }).end();
      return;
    case 'garbage':
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"message": "<html>');
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const json = 'application/json; charset=utf-8';
  response.writeHead(status, { 'content-type': json, ...headers }).end(JSON.stringify(body));
}
