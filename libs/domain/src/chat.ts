import type { Citation } from './evidence.js';

/** Text that an answer may rest on: a piece of a log, an incident's diagnosis, a passage of a runbook. Redacted. */
export interface ChatSource {
  /** `S1`, `S2` … the nearest first. */
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

export interface ChatTurn {
  readonly role: 'person' | 'assistant';
  readonly text: string;
}

/** A turn of a conversation, with whose it is. */
export interface SaidTurn extends ChatTurn {
  /** Projects whose texts it may hold; null: nobody recorded it. */
  readonly projectIds: readonly string[] | null;
}

/** A person's question, with what is known about its subject. */
export interface ChatQuestion {
  readonly projectId: string;
  /** Null outside a conversation. */
  readonly sessionId: string | null;
  readonly question: string;
  /** What was said before, the oldest first. */
  readonly history: readonly ChatTurn[];
  readonly sources: readonly ChatSource[];
}

export interface ChatAnswer {
  readonly text: string;
  /** What it rests on; `evidenceId` is a source's id. */
  readonly citations: readonly Citation[];
  /** False when nothing it cites stands in the sources: to be shown as a guess. */
  readonly grounded: boolean;
}
