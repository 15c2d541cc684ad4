import { z } from 'zod';
import type { Issue } from '@app/domain';
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

const PERMISSION = 'Issues: write';
const issueSchema = z.object({
  number: z.number(),
  html_url: z.string().nullish(),
  body: z.string().nullish(),
});
/** GitHub refuses longer ones. */
const MAX_TITLE_CHARS = 250;

async function findIssue({ marker, remoteId }: ActionContext<Issue>, github: GithubReads) {
  if (remoteId !== null) {
    const parameters = { issue_number: Number(remoteId) };
    return github.find(`issue ${remoteId}`, '/issues/{issue_number}', parameters, issueSchema);
  }
  return github.findInList(
    'issues',
    '/issues',
    { state: 'all', sort: 'created', direction: 'desc' },
    z.array(issueSchema),
    ({ body }) => body?.includes(hiddenMarker(marker)) ?? false,
  );
}

function callOf({ action, marker }: ActionContext<Issue>, github: GithubReads) {
  const title = action.title.slice(0, MAX_TITLE_CHARS).toWellFormed();
  return callAt(github, 'POST', '/issues', { title, body: marked(action.body, marker) });
}

/** An issue that is opened once; what people do with it then is theirs. */
export const issue: ActionAdapter<Issue> = {
  async preview(context, github) {
    const known = await findIssue(context, github);
    return known ? doesNothing(`Issue ${known.number} says this already.`) : acts([callOf(context, github)]);
  },

  async perform(context, github) {
    const known = await findIssue(context, github);
    if (known) return { remoteId: String(known.number), url: known.html_url ?? null, changed: false };
    const made = await github.write('the issue', callOf(context, github), issueSchema, PERMISSION, [410]);
    if (!made.ok) throw conflict(`Issues are switched off in ${github.repositoryName}.`);
    return { remoteId: String(made.value.number), url: made.value.html_url ?? null, changed: true };
  },
};
