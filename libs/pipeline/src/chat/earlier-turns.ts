import type { ProjectScope, SaidTurn } from '@app/domain';

/**
 * The conversation without earlier askings of this very question and what was answered to them: asked again, it is the
 * same question, whose answer may be remembered.
 */
export function withoutRepeats(history: readonly SaidTurn[], question: string): readonly SaidTurn[] {
  const asked = normalised(question);
  const isRepeat = (turn: SaidTurn | undefined) => turn?.role === 'person' && normalised(turn.text) === asked;
  return history.filter(
    (turn, index) => !isRepeat(turn) && !(turn.role === 'assistant' && isRepeat(history[index - 1])),
  );
}

/** The conversation without what may be of a project that its reader may not see, or not see any more. */
export function withoutUnseen(history: readonly SaidTurn[], visible: ProjectScope): readonly SaidTurn[] {
  if (visible === null) return history;
  return history.filter(({ projectIds }) => projectIds?.every((id) => visible.includes(id)) ?? false);
}

/** The conversation without what may hold words of these projects; what nobody recorded may hold anybody's. */
export function withoutForbidden(
  history: readonly SaidTurn[],
  forbidden: ReadonlySet<string>,
): readonly SaidTurn[] {
  return history.filter(({ projectIds }) => projectIds?.every((id) => !forbidden.has(id)) ?? false);
}

function normalised(text: string): string {
  return text.trim().toLowerCase().replaceAll(/\s+/g, ' ');
}
