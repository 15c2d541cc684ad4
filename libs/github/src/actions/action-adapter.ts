import {
  ExternalFailure,
  type Action,
  type ActionEffect,
  type ActionPreview,
  type PlannedCall,
} from '@app/domain';
import type { GithubReads, GithubWrites } from './github-session.js';

/** One order of one kind. */
export interface ActionContext<A extends Action = Action> {
  readonly action: A;
  readonly marker: string;
  readonly remoteId: string | null;
}

/** One kind of action on GitHub. */
export interface ActionAdapter<A extends Action = Action> {
  preview(context: ActionContext<A>, github: GithubReads): Promise<ActionPreview>;
  perform(context: ActionContext<A>, github: GithubWrites): Promise<ActionEffect>;
}

/** Below the repository: `/issues/7/comments`. */
export function callAt(
  github: GithubReads,
  method: PlannedCall['method'],
  below: string,
  body: PlannedCall['body'] = {},
): PlannedCall {
  return { method, path: `/repos/${github.repositoryName.split('/').slice(-2).join('/')}${below}`, body };
}

export function acts(
  calls: readonly PlannedCall[],
  note: string | null = null,
  diff: string | null = null,
): ActionPreview {
  return { wouldAct: true, calls, diff, note };
}

export function doesNothing(note: string): ActionPreview {
  return { wouldAct: false, calls: [], diff: null, note };
}

/** Something stands in the way for good. */
export function conflict(message: string, cause?: unknown): ExternalFailure {
  return new ExternalFailure(message, { code: 'action_conflict', retryable: false, cause });
}

/** What a thing is found again by in Markdown that people read. */
export function hiddenMarker(marker: string): string {
  return `<!-- devflowfix:${marker} -->`;
}

/** GitHub refuses longer bodies of comments, issues and pull requests. */
const MAX_BODY_CHARS = 65_000;

/** Markdown with the marker behind it, as long as GitHub takes it. */
export function marked(body: string, marker: string): string {
  const tail = `\n\n${hiddenMarker(marker)}`;
  const room = MAX_BODY_CHARS - tail.length;
  return (body.length > room ? `${body.slice(0, room - 2).toWellFormed()}…` : body) + tail;
}
