import { GITHUB_HOST, type RepositoryRef } from '@app/domain';

/** `{owner}:{repo}`, preceded by the host where it is not github.com; GitHub compares names without case. */
export function repositoryScope({ host, owner, name }: RepositoryRef): string {
  const place = host === GITHUB_HOST ? [] : [host.replaceAll(':', '_')];
  return [...place, owner, name].join(':').toLowerCase();
}
