import type { AnswerSource } from './answer-source.js';

/** What an answer to a person's question rests on, for people: an incident or a passage that they may see. */
export interface AnswerReference {
  /** `S1`, `S2` …: as the answer's text may name it. */
  readonly id: string;
  readonly kind: 'incident' | 'passage';
  readonly title: string;
  readonly incidentId: string | null;
  readonly documentId: string | null;
  readonly url: string | null;
  /** The beginning of what was found. Redacted. */
  readonly excerpt: string;
  /** The words that the answer cites, verbatim; empty where it cites none of this source. */
  readonly quotes: readonly string[];
}

/** An answer of the assistant's, with what a reader needs to judge it. */
export interface GroundedAnswer {
  readonly text: string;
  readonly sources: readonly AnswerReference[];
  /** False when nothing it cites stands in the sources. */
  readonly grounded: boolean;
  /** `rules`: no model answered; the text says so. */
  readonly answeredBy: AnswerSource;
  readonly model: string | null;
  readonly cached: boolean;
  /** A project that the question is about lets nothing out: it was searched by its words alone; the text says so. */
  readonly wordsAlone: boolean;
  /** Projects whose texts it may hold: those of its sources, and of what was said before it was asked for. */
  readonly projectIds: readonly string[];
}

/** An answer as a channel keeps it. What is optional was not recorded by earlier versions. */
export interface SaidAnswer extends Omit<GroundedAnswer, 'text' | 'projectIds'> {
  readonly projectIds?: readonly string[];
  /** The message that it answers. */
  readonly questionId?: number;
}

/** A conversation with the assistant. */
export interface Channel {
  readonly id: string;
  readonly title: string;
  /** Null: about everything; only keys for every project see it. */
  readonly projectId: string | null;
  readonly incidentId: string | null;
  /** Name of the API key. */
  readonly createdBy: string;
  readonly createdAt: Date;
  /** When something was last said. */
  readonly updatedAt: Date;
}

export interface ChannelMessage {
  readonly id: number;
  readonly channelId: string;
  readonly role: 'person' | 'assistant';
  /** Name of the API key, or `assistant`. */
  readonly author: string;
  /** Redacted. */
  readonly text: string;
  /** Null for what a person said. */
  readonly answer: SaidAnswer | null;
  readonly at: Date;
}
