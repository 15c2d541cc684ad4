import {
  ExternalFailure,
  type BackgroundJob,
  type BackgroundJobs,
  type Cache,
  type Embedder,
  type KnowledgeRepository,
  type Log,
  type ModelPolicies,
} from '@app/domain';
import { forgetSearches } from '../forget-searches.js';

/** Passages embedded and stored at once; after each the job's progress is seen. */
const BATCH = 32;
const HEADING_SEPARATOR = ' › ';

export interface EmbedRun {
  readonly signal: AbortSignal;
  /** Whether a failure of this try is the job's final one. */
  readonly isLastAttempt: boolean;
}

export interface EmbedStores {
  readonly jobs: BackgroundJobs;
  readonly knowledge: KnowledgeRepository;
  readonly policies: ModelPolicies;
}

/**
 * The background part of taking a document in: embeds its passages batch by batch and makes it findable. Whoever takes
 * it over after a killed worker goes on where that one stopped.
 */
export class EmbedDocument {
  constructor(
    private readonly stores: EmbedStores,
    private readonly embedder: Embedder,
    private readonly cache: Cache,
    private readonly log: Log,
  ) {}

  /** @throws what went wrong, for the queue to try again; the job's row says it too */
  async run(work: { readonly id: string; readonly sequence: number }, context: EmbedRun): Promise<void> {
    const job = await this.stores.jobs.begin(work.id, work.sequence);
    if (!job) return;
    try {
      const isEmbedded = (await this.mayEmbed(job)) ? await this.embedAll(job, context.signal) : true;
      if (!isEmbedded || !(await this.stores.knowledge.publish(job))) {
        this.log.info({ backgroundJobId: job.id }, 'document_ingestion_stopped');
        return;
      }
    } catch (error) {
      // The process is ending: the job goes on elsewhere, and is not to blame.
      if (!context.signal.aborted) await this.note(job, error as Error, context.isLastAttempt);
      throw error;
    }
    await forgetSearches(this.cache);
    this.log.info({ documentId: job.documentId, passages: job.total }, 'document_ready');
  }

  /** A project may forbid that its texts leave our network: its documents are then found by their words alone. */
  private async mayEmbed({ projectId }: BackgroundJob): Promise<boolean> {
    if (!this.embedder.isOutside || projectId === null) return true;
    return (await this.stores.policies.of(projectId)).allowsOutsideModel;
  }

  /** False when the job was cancelled or taken over. */
  private async embedAll(job: BackgroundJob, signal: AbortSignal): Promise<boolean> {
    const { knowledge } = this.stores;
    const { model } = this.embedder;
    for (;;) {
      signal.throwIfAborted();
      const passages = await knowledge.unembedded(job.documentId, model, BATCH);
      if (passages.length === 0) return true;
      const texts = passages.map(
        ({ headings, text }) => `${[job.title, ...headings].join(HEADING_SEPARATOR)}\n${text}`,
      );
      const vectors = await this.embedder.embed(texts, signal, { projectId: job.projectId });
      const embeddings = new Map(passages.map(({ position }, index) => [position, vectors[index]!]));
      if (!(await knowledge.saveEmbeddings(job, model, embeddings))) return false;
    }
  }

  private async note(job: BackgroundJob, error: Error, isLastAttempt: boolean): Promise<void> {
    const isFinal = isLastAttempt || (error instanceof ExternalFailure && !error.retryable);
    try {
      if (isFinal) await this.stores.jobs.fail(job, error.message);
      else await this.stores.jobs.postpone(job, error.message);
    } catch (cause) {
      // The database is away: the sweep finds the job as it is.
      this.log.warn({ backgroundJobId: job.id, error: (cause as Error).message }, 'background_job_not_noted');
    }
  }
}
