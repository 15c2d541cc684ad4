import type { RepositoryState } from './state/repository-state.js';
import type { StandInState } from './state/stand-in-state.js';

/** A request as a route sees it. */
export interface StandInCall {
  readonly state: StandInState;
  readonly url: URL;
  /** The pattern's parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The JSON body; an empty object where there is none. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What stood behind `Bearer` or `token`; null without credentials. */
  readonly token: string | null;
}

export interface StandInAnswer {
  readonly status: number;
  /** Sent as JSON; left out for an empty answer. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent in place of a JSON body. */
  readonly stream?: AsyncIterable<Uint8Array>;
}

/** One endpoint. `name` is what requests are counted under and failures are injected at. */
export interface StandInEndpoint<Name extends string = string> {
  readonly name: Name;
  readonly method: string;
  readonly path: RegExp;
  /** Endpoints of the App itself (`app`) take its JWT, all others a token. */
  readonly auth: 'token' | 'app' | 'none';
  answer(call: StandInCall): StandInAnswer | Promise<StandInAnswer>;
}

/** @param pattern as in GitHub's documentation: `GET /repos/{owner}/{repo}/pulls`; `{path+}` takes slashes too */
export function endpoint<const Name extends string>(
  name: Name,
  pattern: string,
  answer: StandInEndpoint['answer'],
  auth: StandInEndpoint['auth'] = 'token',
): StandInEndpoint<Name> {
  const [method = '', template = ''] = pattern.split(' ');
  const source = template
    .replaceAll('.', String.raw`\.`)
    .replaceAll(/\{(\w+)(\+?)\}/g, (_, key: string, many: string) => `(?<${key}>${many ? '.+' : '[^/]+'})`);
  return { name, method, path: new RegExp(`^${source}$`), auth, answer };
}

/** An endpoint below `/repos/{owner}/{repo}`; 404 for a repository nobody told the stand-in of. */
export function repositoryEndpoint<const Name extends string>(
  name: Name,
  pattern: string,
  answer: (call: StandInCall, repository: RepositoryState) => StandInAnswer | Promise<StandInAnswer>,
): StandInEndpoint<Name> {
  const [method = '', below = ''] = pattern.split(' ');
  return endpoint(name, `${method} /repos/{owner}/{repo}${below}`, (call) => {
    const repository = call.state.find(`${call.params['owner']}/${call.params['repo']}`);
    return repository ? answer(call, repository) : NOT_FOUND;
  });
}

export function ok(body: unknown, headers?: Readonly<Record<string, string>>): StandInAnswer {
  return { status: 200, body, headers };
}

export function refused(status: number, message: string, errors?: readonly unknown[]): StandInAnswer {
  return {
    status,
    body: { message, ...(errors && { errors }), documentation_url: 'https://docs.github.com/rest' },
  };
}

export const NOT_FOUND = refused(404, 'Not Found');

/** One page of a list by `per_page` and `page`, with GitHub's `link` header. `body` shapes what is sent. */
export function paged<T>(
  { url }: StandInCall,
  items: readonly T[],
  body: (shown: readonly T[]) => unknown = (shown) => shown,
): StandInAnswer {
  const perPage = Math.min(100, Number(url.searchParams.get('per_page') ?? 30));
  const page = Number(url.searchParams.get('page') ?? 1);
  const last = Math.max(1, Math.ceil(items.length / perPage));
  const link = (to: number, rel: string): string => {
    const target = new URL(url);
    target.searchParams.set('page', String(to));
    return `<${target.href}>; rel="${rel}"`;
  };
  const headers = page < last ? { link: `${link(page + 1, 'next')}, ${link(last, 'last')}` } : undefined;
  return ok(body(items.slice((page - 1) * perPage, page * perPage)), headers);
}
