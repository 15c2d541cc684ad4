import type { FoundPassage } from '../knowledge.js';
import type { ProjectScope } from './knowledge-repository.js';

export interface PassageQuestion {
  /** Documents of other projects are never answered; those for every project are. */
  readonly projectIds: ProjectScope;
  /** A question, or a failure's signature. Redacted. */
  readonly text: string;
  /** Default 5. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/**
 * Passages of documents that fit a text: embeds it, searches by meaning and words, and remembers the answer. Texts of a
 * project that forbids outside models are not sent to an outside embedder; words alone are searched then, and also
 * while the embedder is away.
 */
export abstract class PassageFinder {
  /** The best first. @throws ExternalFailure `database_away` */
  abstract find(question: PassageQuestion): Promise<readonly FoundPassage[]>;
}
