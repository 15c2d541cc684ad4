import { InvalidInput } from './errors.js';

export const GITHUB_HOST = 'github.com';

/** A repository on a code host. Compared without regard to case, as GitHub does. */
export interface RepositoryRef {
  /** `github.com`, or the host of a GitHub Enterprise server. */
  readonly host: string;
  readonly owner: string;
  readonly name: string;
}

const FULL_NAME = /^(?:([\w.-]+(?::\d+)?)\/)?([\w.-]{1,100})\/([\w.-]{1,100})$/;

/**
 * `owner/name` or `host/owner/name`.
 * @throws InvalidInput
 */
export function parseRepository(fullName: string, host = GITHUB_HOST): RepositoryRef {
  const match = FULL_NAME.exec(fullName.trim());
  if (!match) throw new InvalidInput(`“${fullName}” is not a repository; expected owner/name.`, { fullName });
  return { host: match[1] ?? host, owner: match[2]!, name: match[3]! };
}

/** `owner/name`, preceded by the host where it is not github.com. */
export function repositoryName(ref: RepositoryRef): string {
  return ref.host === GITHUB_HOST ? `${ref.owner}/${ref.name}` : `${ref.host}/${ref.owner}/${ref.name}`;
}
