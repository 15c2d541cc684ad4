import { z } from 'zod';
import type { ActionEffect, Annotation, CheckRun, PlannedCall } from '@app/domain';
import { acts, callAt, doesNothing, type ActionAdapter, type ActionContext } from './action-adapter.js';
import type { GithubReads, GithubWrites } from './github-session.js';

/** GitHub lets nobody else make check runs. */
const PERMISSION = 'Checks: write, which only a GitHub App can have';
/** GitHub takes this many a call, and adds those of later calls. https://docs.github.com/rest/checks/runs */
const ANNOTATIONS_A_CALL = 50;
const MAX_SUMMARY_CHARS = 65_000;
const MAX_MESSAGE_CHARS = 60_000;
const MAX_TITLE_CHARS = 250;

const checkSchema = z.object({
  id: z.number(),
  html_url: z.string().nullish(),
  external_id: z.string().nullish(),
  output: z.object({ annotations_count: z.number().nullish() }).nullish(),
});
type Check = z.output<typeof checkSchema>;
const checksSchema = z.object({ check_runs: z.array(checkSchema) }).transform(({ check_runs }) => check_runs);

async function findCheck({ action, marker, remoteId }: ActionContext<CheckRun>, github: GithubReads) {
  if (remoteId !== null) {
    const parameters = { check_run_id: Number(remoteId) };
    return github.find(`check run ${remoteId}`, '/check-runs/{check_run_id}', parameters, checkSchema);
  }
  return github.findInList(
    `check runs of ${action.headSha}`,
    '/commits/{ref}/check-runs',
    { ref: action.headSha, check_name: action.name, filter: 'all' },
    checksSchema,
    ({ external_id }) => external_id === marker,
  );
}

/** The calls that are missing when GitHub has the first `had` annotations; `id` null: all of them. */
function callsOf(
  { action, marker }: ActionContext<CheckRun>,
  github: GithubReads,
  id: number | null,
  had: number,
): PlannedCall[] {
  const { name, headSha, title, summary, annotations } = action;
  const output = (from: number) => ({
    title: title.slice(0, MAX_TITLE_CHARS).toWellFormed(),
    summary: summary.slice(0, MAX_SUMMARY_CHARS).toWellFormed(),
    annotations: annotations.slice(from, from + ANNOTATIONS_A_CALL).map(toPayload),
  });
  const calls: PlannedCall[] = [];
  let from = had;
  if (id === null) {
    // Neutral: the failed job has made the commit red, and what is said about it is no verdict of its own.
    const status = {
      name,
      head_sha: headSha,
      status: 'completed',
      conclusion: 'neutral',
      external_id: marker,
    };
    calls.push(callAt(github, 'POST', '/check-runs', { ...status, output: output(0) }));
    from = ANNOTATIONS_A_CALL;
  }
  for (; from < annotations.length; from += ANNOTATIONS_A_CALL)
    calls.push(callAt(github, 'PATCH', `/check-runs/${id ?? '{id}'}`, { output: output(from) }));
  return calls;
}

/** A check run with annotations. How many of them GitHub has tells a successor where to go on. */
export const checkRun: ActionAdapter<CheckRun> = {
  async preview(context, github) {
    const known = await findCheck(context, github);
    const calls = callsOf(context, github, known?.id ?? null, annotationsOf(known));
    return calls.length > 0 ? acts(calls) : doesNothing('The check run is there already.');
  },

  async perform(context, github) {
    const known = await findCheck(context, github);
    if (known) return complete(context, github, known, false);
    const [first] = callsOf(context, github, null, 0);
    const what = `the check run on ${context.action.headSha.slice(0, 7)}`;
    const made = await github.mustWrite(what, first!, checkSchema, PERMISSION);
    return complete(context, github, { ...made, output: { annotations_count: sentFirst(context) } }, true);
  },
};

/** Sends the annotations that GitHub doesn't have. */
async function complete(
  context: ActionContext<CheckRun>,
  github: GithubWrites,
  check: Check,
  changed: boolean,
): Promise<ActionEffect> {
  const rest = callsOf(context, github, check.id, annotationsOf(check));
  for (const call of rest)
    await github.mustWrite(`annotations of check run ${check.id}`, call, checkSchema, PERMISSION);
  return { remoteId: String(check.id), url: check.html_url ?? null, changed: changed || rest.length > 0 };
}

function sentFirst({ action }: ActionContext<CheckRun>): number {
  return Math.min(action.annotations.length, ANNOTATIONS_A_CALL);
}

function annotationsOf(check: Check | null): number {
  return check?.output?.annotations_count ?? 0;
}

function toPayload({ path, startLine, endLine, level, title, message }: Annotation) {
  return {
    path,
    start_line: startLine,
    end_line: endLine,
    annotation_level: level,
    title: title.slice(0, MAX_TITLE_CHARS).toWellFormed(),
    message: message.slice(0, MAX_MESSAGE_CHARS).toWellFormed(),
  };
}
