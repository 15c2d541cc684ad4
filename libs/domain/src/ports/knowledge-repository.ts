import type { BackgroundJob } from '../background-job.js';
import type { FoundPassage, KnowledgeDocument, NewDocument, Passage } from '../knowledge.js';
import type { Page } from './page.js';

/** Whose documents: those of these projects (null: of all), and always those that are for every project. */
export type ProjectScope = readonly string[] | null;

export interface PassageQuery {
  /** Documents of other projects are never answered; those for every project are. */
  readonly projectIds: ProjectScope;
  /** What is looked for, in words: matched by full text. */
  readonly text: string;
  /** The same as a vector, with the embedder that made it; null: full text alone. */
  readonly embedding: Float32Array | null;
  readonly model?: string;
  /** Least cosine similarity of a passage that shares too few words with the text. Default 0.35. */
  readonly threshold?: number;
  /** Default 5. */
  readonly limit?: number;
}

export interface AddedDocument {
  readonly document: KnowledgeDocument;
  /** The job that makes it findable; null where the same content was there already and nothing was stored. */
  readonly job: BackgroundJob | null;
}

/** A hold on a document's embedding: writes of a worker whose sequence is old are refused. */
export type JobHold = Pick<BackgroundJob, 'id' | 'documentId' | 'sequence'>;

/** Documents with their passages, and the search over them. */
export abstract class KnowledgeRepository {
  /**
   * Stores a document as `pending`, with its passages and the job that is to embed them, in one transaction. Where the
   * project has the same content already, that document is answered and nothing is stored; one that failed or was
   * cancelled is replaced.
   * @throws ProjectNotFound
   */
  abstract add(document: NewDocument): Promise<AddedDocument>;
  abstract find(id: string): Promise<KnowledgeDocument | null>;
  /** Newest first. @throws InvalidInput on a cursor that is not one */
  abstract list(
    projectIds: ProjectScope,
    limit: number,
    cursor: string | null,
  ): Promise<Page<KnowledgeDocument>>;
  /** Removes it with its passages and jobs; false when there is none. */
  abstract delete(id: string): Promise<boolean>;

  /** The document's passages that this embedder has not embedded, in their order. */
  abstract unembedded(documentId: string, model: string, limit: number): Promise<readonly Passage[]>;
  /**
   * Stores embeddings by position, and the job's progress with them.
   * @returns false, and nothing is stored, when the job was cancelled or taken over
   * @throws InvalidInput on a wrong dimension or NaN
   */
  abstract saveEmbeddings(
    hold: JobHold,
    model: string,
    embeddings: ReadonlyMap<number, Float32Array>,
  ): Promise<boolean>;
  /**
   * Makes the document findable and its job done. An older document of the same project and URL is removed.
   * @returns false when the job was cancelled or taken over
   */
  abstract publish(hold: JobHold): Promise<boolean>;

  /** The nearest passages by meaning and by words together (reciprocal rank fusion), the best first. */
  abstract findPassages(query: PassageQuery): Promise<readonly FoundPassage[]>;
}
