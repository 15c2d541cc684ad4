import { z } from 'zod';
import type { StickyComment } from '@app/domain';
import {
  acts,
  callAt,
  conflict,
  doesNothing,
  hiddenMarker,
  marked,
  type ActionAdapter,
  type ActionContext,
} from './action-adapter.js';
import type { GithubReads } from './github-session.js';

const PERMISSION = 'Pull requests: write';
const commentSchema = z.object({
  id: z.number(),
  html_url: z.string().nullish(),
  body: z.string().nullish(),
});
type Comment = z.output<typeof commentSchema>;

/** Known by its id, else by the marker: the earliest, since whoever copies a marker has read the comment it is in. */
async function findComment(
  { action, marker, remoteId }: ActionContext<StickyComment>,
  github: GithubReads,
): Promise<Comment | null> {
  const { pullRequest } = action;
  if (remoteId !== null) {
    const parameters = { comment_id: Number(remoteId) };
    const what = `comment ${remoteId}`;
    const known = await github.find(what, '/issues/comments/{comment_id}', parameters, commentSchema);
    if (known) return known;
    throw conflict(
      `The comment on pull request ${pullRequest} was deleted by somebody; it is not written again.`,
    );
  }
  return github.findInList(
    `comments of pull request ${pullRequest}`,
    '/issues/{issue_number}/comments',
    { issue_number: pullRequest },
    z.array(commentSchema),
    ({ body }) => body?.includes(hiddenMarker(marker)) ?? false,
  );
}

/** One comment a pull request, brought up to date. */
export const stickyComment: ActionAdapter<StickyComment> = {
  async preview(context, github) {
    const body = marked(context.action.body, context.marker);
    const known = await findComment(context, github);
    if (known === null)
      return acts([callAt(github, 'POST', `/issues/${context.action.pullRequest}/comments`, { body })]);
    if (known.body === body) return doesNothing('The comment says this already.');
    return acts([callAt(github, 'PATCH', `/issues/comments/${known.id}`, { body })]);
  },

  async perform(context, github) {
    const { pullRequest } = context.action;
    const body = marked(context.action.body, context.marker);
    const known = await findComment(context, github);
    if (known?.body === body) return effectOf(known, false);
    const call =
      known === null
        ? callAt(github, 'POST', `/issues/${pullRequest}/comments`, { body })
        : callAt(github, 'PATCH', `/issues/comments/${known.id}`, { body });
    const what = `the comment on pull request ${pullRequest}`;
    return effectOf(await github.mustWrite(what, call, commentSchema, PERMISSION), true);
  },
};

function effectOf({ id, html_url }: Comment, changed: boolean) {
  return { remoteId: String(id), url: html_url ?? null, changed };
}
