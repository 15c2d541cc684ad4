import { createTwoFilesPatch } from 'diff';
import { z } from 'zod';
import {
  ExternalFailure,
  OWN_COMMIT_TRAILER,
  fixBranch,
  type ActionEffect,
  type FixPullRequest,
  type PlannedCall,
} from '@app/domain';
import {
  acts,
  callAt,
  conflict,
  doesNothing,
  marked,
  type ActionAdapter,
  type ActionContext,
} from './action-adapter.js';
import { commitAt, editAt, type EditedFile, type GitCommit } from './base-files.js';
import type { GithubReads, GithubWrites } from './github-session.js';

const CONTENTS = 'Contents: write';
const PULLS = 'Pull requests: write';
const CONTEXT_LINES = 3;
const MAX_TITLE_CHARS = 250;

const refSchema = z.object({ object: z.object({ sha: z.string() }) });
const madeSchema = z.object({ sha: z.string() });
const anything = z.unknown();
const pullSchema = z.object({ number: z.number(), html_url: z.string().nullish() });
type Pull = z.output<typeof pullSchema>;

type Context = ActionContext<FixPullRequest>;

/** The pull request of the fix's branch, open or closed: whoever closed it doesn't want it again. */
async function findPull({ marker, remoteId }: Context, github: GithubReads): Promise<Pull | null> {
  if (remoteId !== null) {
    const parameters = { pull_number: Number(remoteId) };
    return github.find(`pull request ${remoteId}`, '/pulls/{pull_number}', parameters, pullSchema);
  }
  return github.findInList(
    'pull requests',
    '/pulls',
    { head: `${github.owner}:${fixBranch(marker)}`, state: 'all' },
    z.array(pullSchema),
    () => true,
  );
}

async function headOf(github: GithubReads, branch: string): Promise<string | null> {
  const found = await github.find(`branch ${branch}`, `/git/ref/heads/${encoded(branch)}`, {}, refSchema);
  return found?.object.sha ?? null;
}

/** The commit to build on: the base's newest. @throws ExternalFailure when the base is gone */
async function baseOf({ action }: Context, github: GithubReads): Promise<GitCommit> {
  const sha = await headOf(github, action.base);
  if (sha === null) throw conflict(`The branch ${action.base} is gone.`);
  return commitAt(github, sha);
}

/**
 * Whether the fix's branch is there with the fix's own commit at its head.
 * @throws ExternalFailure when somebody else's commit is: it is left alone
 */
async function isPushed({ marker }: Context, github: GithubReads): Promise<boolean> {
  const branch = fixBranch(marker);
  const head = await headOf(github, branch);
  if (head === null) return false;
  const { message } = await commitAt(github, head);
  if (message.includes(trailer(marker))) return true;
  throw conflict(`Somebody committed to ${branch}; it is left alone.`);
}

/** @throws ExternalFailure `edits_do_not_fit`, saying so when the base has moved */
async function edited(
  { action }: Context,
  github: GithubReads,
  base: GitCommit,
): Promise<readonly EditedFile[]> {
  try {
    return await editAt(github, base, action.edits);
  } catch (error) {
    if (!(error instanceof ExternalFailure) || error.code !== 'edits_do_not_fit') throw error;
    if (base.sha === action.baseSha) throw error;
    const { code, retryable, facts } = error;
    const moved = `${action.base} has moved from ${action.baseSha.slice(0, 7)} to ${base.sha.slice(0, 7)}`;
    throw new ExternalFailure(`${moved}, and the fix is given up. ${error.message}`, {
      code,
      retryable,
      facts,
    });
  }
}

function treeCall(github: GithubReads, base: GitCommit, files: readonly EditedFile[]): PlannedCall {
  return callAt(github, 'POST', '/git/trees', {
    base_tree: base.tree.sha,
    tree: files.map(({ path, mode, after }) => ({ path, mode, type: 'blob', content: after })),
  });
}

function commitCall(
  { action, marker }: Context,
  github: GithubReads,
  base: GitCommit,
  tree: string,
): PlannedCall {
  const message = `${action.commitMessage.trimEnd()}\n\n${trailer(marker)}\n`;
  return callAt(github, 'POST', '/git/commits', { message, tree, parents: [base.sha] });
}

function refCall({ marker }: Context, github: GithubReads, sha: string): PlannedCall {
  return callAt(github, 'POST', '/git/refs', { ref: `refs/heads/${fixBranch(marker)}`, sha });
}

function pullCall({ action, marker }: Context, github: GithubReads): PlannedCall {
  return callAt(github, 'POST', '/pulls', {
    title: action.title.slice(0, MAX_TITLE_CHARS).toWellFormed(),
    head: fixBranch(marker),
    base: action.base,
    body: marked(action.body, marker),
    draft: true,
    maintainer_can_modify: true,
  });
}

/** Builds the commit on the base and makes the branch, at once with it: a branch without the fix never exists. */
async function push(context: Context, github: GithubWrites): Promise<void> {
  const base = await baseOf(context, github);
  const files = await edited(context, github, base);
  const tree = await github.mustWrite(
    'the tree of the fix',
    treeCall(github, base, files),
    madeSchema,
    CONTENTS,
  );
  const commit = await github.mustWrite(
    'the commit of the fix',
    commitCall(context, github, base, tree.sha),
    madeSchema,
    CONTENTS,
  );
  const branch = fixBranch(context.marker);
  const call = refCall(context, github, commit.sha);
  const made = await github.write(`the branch ${branch}`, call, anything, CONTENTS, [422]);
  // 422: somebody was faster. With the fix's own commit it serves as well.
  if (!made.ok && !(await isPushed(context, github)))
    throw conflict(`GitHub refuses the branch ${branch}: ${made.message}`);
}

/** A draft pull request with one commit on a branch of its own, which is never pushed to again. */
export const fixPullRequest: ActionAdapter<FixPullRequest> = {
  async preview(context, github) {
    const known = await findPull(context, github);
    if (known) return doesNothing(`Pull request ${known.number} is this fix.`);
    if (await isPushed(context, github))
      return acts([pullCall(context, github)], 'The branch is there already.');
    const base = await baseOf(context, github);
    const files = await edited(context, github, base);
    const calls = [
      treeCall(github, base, files),
      commitCall(context, github, base, '{tree}'),
      refCall(context, github, '{commit}'),
      pullCall(context, github),
    ];
    const moved =
      base.sha === context.action.baseSha ? null : `Built on ${base.sha}, to which the base has moved.`;
    return acts(calls, moved, unifiedDiff(files));
  },

  async perform(context, github): Promise<ActionEffect> {
    const known = await findPull(context, github);
    if (known) return effectOf(known, false);
    if (!(await isPushed(context, github))) await push(context, github);
    const made = await github.write('the pull request', pullCall(context, github), pullSchema, PULLS, [422]);
    if (made.ok) return effectOf(made.value, true);
    const meanwhile = await findPull(context, github);
    if (meanwhile) return effectOf(meanwhile, false);
    throw conflict(`GitHub refuses the pull request: ${made.message}`);
  },
};

function effectOf({ number, html_url }: Pull, changed: boolean): ActionEffect {
  return { remoteId: String(number), url: html_url ?? null, changed };
}

function unifiedDiff(files: readonly EditedFile[]): string {
  return files
    .map(({ path, before, after }) =>
      createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, {
        context: CONTEXT_LINES,
        headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
      }),
    )
    .join('');
}

function trailer(marker: string): string {
  return `${OWN_COMMIT_TRAILER}: ${marker}`;
}

/** The name of a ref in a path: its slashes part segments. */
function encoded(branch: string): string {
  return branch.split('/').map(encodeURIComponent).join('/');
}
