/** Every branch that the product makes begins with it. */
export const OWN_BRANCH_PREFIX = 'devflowfix/';
/** Every commit that the product makes carries this trailer, with the remediation's id as its value. */
export const OWN_COMMIT_TRAILER = 'Devflowfix-Remediation';
/** Who the product's commits are by, where a token and not a GitHub App makes them. */
export const OWN_AUTHOR = 'devflowfix[bot]';

/** Where a run, a job, a push or a pull request comes from, as far as its event says. */
export interface WorkOrigin {
  readonly branch: string | null;
  readonly commitMessage?: string | null;
  readonly commitAuthor?: string | null;
}

const TRAILER = new RegExp(`^${OWN_COMMIT_TRAILER}:[ \\t]*\\S`, 'im');

/**
 * Whether the product itself made the work: what fails there is reported like any other failure, and never opens a
 * remediation, so that a fix can't set off the next one. A squashed or merged fix keeps the trailer on the branch that it
 * was merged to.
 */
export function isOwnWork({ branch, commitMessage, commitAuthor }: WorkOrigin): boolean {
  return (
    (branch?.toLowerCase().startsWith(OWN_BRANCH_PREFIX) ?? false) ||
    commitAuthor?.toLowerCase() === OWN_AUTHOR ||
    TRAILER.test(commitMessage ?? '')
  );
}
