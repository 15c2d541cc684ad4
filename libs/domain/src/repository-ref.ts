import { InvalidInput } from './errors.js';

export const GITHUB_HOST = 'github.com';

/** A repository on a code host. Compared without regard to case, as GitHub does. */
export interface RepositoryRef {
  /** `github.com`, or the host of a GitHub Enterprise server. */
  readonly host: string;
  readonly owner: string;
  readonly name: string;
}

/** GitHub's alphabet of a login; the underscore is that of managed users. */
export const REPOSITORY_OWNER = /^[A-Za-z0-9][\w-]{0,99}$/;
/** GitHub's alphabet of a repository's name, which may begin with a dot but never is `.` or `..`. */
export const REPOSITORY_NAME = /^(?!\.{1,2}$)[\w.-]{1,100}$/;
/** A host name, with a port where it isn't the usual one. */
const HOST = /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::\d{1,5})?$/;

/**
 * `owner/name` or `host/owner/name`.
 * @throws InvalidInput
 */
export function parseRepository(fullName: string, host = GITHUB_HOST): RepositoryRef {
  const segments = fullName.trim().split('/');
  const [owner = '', name = ''] = segments.slice(-2);
  const ownHost = segments.length === 3 ? segments[0]! : host;
  if (
    segments.length > 3 ||
    !HOST.test(ownHost) ||
    !REPOSITORY_OWNER.test(owner) ||
    !REPOSITORY_NAME.test(name)
  )
    throw new InvalidInput(`“${fullName}” is not a repository; expected owner/name.`, { fullName });
  return { host: ownHost, owner, name };
}

/** `owner/name`, preceded by the host where it is not github.com. */
export function repositoryName(ref: RepositoryRef): string {
  return ref.host === GITHUB_HOST ? `${ref.owner}/${ref.name}` : `${ref.host}/${ref.owner}/${ref.name}`;
}
