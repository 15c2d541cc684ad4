import { RequestError } from '@octokit/request-error';
import { ExternalFailure } from '@app/domain';
import { githubFailure } from '../client/github-failure.js';

/**
 * Translates what a writing call threw. Without an answer, or with one of a server in trouble, nobody knows whether
 * the call took effect.
 * @param what for people: `the comment on pull request 7 of octo/app`
 * @param permission what the call needs, as GitHub's settings page names it: `Pull requests: write`
 */
export function writeFailure(error: unknown, what: string, permission: string): ExternalFailure {
  const translated = githubFailure(error, what);
  // A call that a limit held back never took effect.
  if (error instanceof ExternalFailure || translated.code === 'github_rate_limited') return translated;
  if (!(error instanceof RequestError) || error.response === undefined || error.status >= 500) {
    const reason = error instanceof Error ? error.message : String(error);
    return new ExternalFailure(
      `GitHub gave no clear answer to ${what} (${reason}): it may have taken effect, and is looked for before the next try.`,
      { code: 'action_uncertain', retryable: true, cause: error },
    );
  }
  const { status } = error;
  if (translated.retryable || (status !== 403 && status !== 404)) {
    const said = messageOf(error);
    return translated.code === 'github_rejected'
      ? new ExternalFailure(`GitHub rejected ${what} (${status}): ${said}`, {
          code: 'github_rejected',
          retryable: false,
          cause: error,
          facts: { status },
        })
      : translated;
  }
  // Where GitHub names what would have sufficed, it knows better: `pull_requests=write; issues=write`.
  const accepted = error.response.headers['x-accepted-github-permissions'];
  const needed = typeof accepted === 'string' && accepted !== '' ? readable(accepted) : permission;
  return new ExternalFailure(
    status === 403
      ? `GitHub doesn't allow ${what} (403: ${messageOf(error)}). The token or App needs “${needed}” on the repository.`
      : `GitHub finds nothing for ${what} (404): it is gone, or the token or App lacks “${needed}” on the repository.`,
    {
      code: status === 403 ? 'github_forbidden' : 'github_not_found',
      retryable: false,
      cause: error,
      facts: { status, missingPermission: needed },
    },
  );
}

/** What GitHub said, on one line. */
export function messageOf(error: RequestError): string {
  const data = error.response?.data as { message?: unknown; errors?: unknown } | undefined;
  const details = Array.isArray(data?.errors)
    ? data.errors.map((each: unknown) => (each as { message?: unknown } | null)?.message ?? each)
    : [];
  const texts = [data?.message, ...details].filter((text): text is string => typeof text === 'string');
  return (texts.join('; ') || error.message).replaceAll(/\s+/g, ' ').slice(0, 300);
}

/** `pull_requests=write; issues=write` → `Pull requests: write or Issues: write` */
function readable(accepted: string): string {
  return accepted
    .split(';')
    .map((alternative) =>
      alternative
        .split(',')
        .map((pair) => {
          const [name = '', access = ''] = pair.trim().split('=');
          const words = name.replaceAll('_', ' ');
          return `${words.charAt(0).toUpperCase()}${words.slice(1)}: ${access}`;
        })
        .join(' and '),
    )
    .join(' or ');
}
