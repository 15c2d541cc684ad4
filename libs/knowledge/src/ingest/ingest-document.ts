import { createHash } from 'node:crypto';
import {
  DomainError,
  ExternalFailure,
  UnreadableDocument,
  type AddedDocument,
  type DocumentOrigin,
  type KnowledgeRepository,
  type Log,
  type Redactor,
} from '@app/domain';
import type { Metrics } from '@app/telemetry';
import type { DocumentReader } from '../reading/document-reader.js';
import { kindOf } from '../reading/document-kind.js';
import type { ReadText, Section } from '../reading/read-text.js';
import type { BackgroundDispatch } from './background-dispatch.js';
import type { FetchPage } from './fetch-page.js';
import { splitPassages } from './split-passages.js';

export interface UploadedDocument {
  /** Null: for every project. */
  readonly projectId: string | null;
  /** Null: as the document names itself, or its file. */
  readonly title: string | null;
  readonly filename: string | null;
  readonly contentType: string | null;
  readonly bytes: Uint8Array;
}

export interface LinkedDocument extends Pick<UploadedDocument, 'projectId' | 'title'> {
  readonly url: string;
}

export interface IngestParts {
  readonly knowledge: KnowledgeRepository;
  readonly reader: DocumentReader;
  readonly fetchPage: FetchPage;
  readonly redactor: Redactor;
  readonly dispatch: Pick<BackgroundDispatch, 'enqueue'>;
}

const MAX_TITLE_CHARS = 300;
const MAX_NAME_CHARS = 255;
const LATENCY_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * Takes documents in: read, redacted and parted at once, so that what can't be used is told to whoever sent it and
 * nothing of it is stored; embedded in the background, by the job that is answered.
 */
export class IngestDocument {
  private readonly requests;
  private readonly latency;

  constructor(
    private readonly parts: IngestParts,
    private readonly log: Log,
    metrics: Metrics,
  ) {
    this.requests = metrics.counter({
      name: 'ingest_requests_total',
      help: 'Documents that were handed in, by what became of them: accepted, duplicate, rejected, failed.',
      labelNames: ['status'],
    });
    this.latency = metrics.histogram({
      name: 'ingest_latency_seconds',
      help: 'Time from handing a document in to its answer.',
      labelNames: ['status'],
      buckets: LATENCY_BUCKETS,
    });
  }

  /** @throws UnreadableDocument, UnsupportedDocumentType, ProjectNotFound, ExternalFailure (`reader_busy`, `database_away`) */
  upload(document: UploadedDocument): Promise<AddedDocument> {
    const facts = {
      filename: this.shown(document.filename),
      content_type: this.shown(document.contentType),
      size_bytes: document.bytes.length,
    };
    return this.measured(facts, () => this.add(document, 'upload', null));
  }

  /** @throws RefusedUrl, InvalidInput, and what `upload` throws */
  async fromUrl({ projectId, title, url }: LinkedDocument): Promise<AddedDocument> {
    const facts: Record<string, unknown> = {};
    return this.measured(facts, async () => {
      const page = await this.parts.fetchPage.run(url);
      const filename = page.url.pathname.split('/').at(-1) || null;
      Object.assign(facts, {
        filename: this.shown(filename),
        content_type: this.shown(page.contentType),
        size_bytes: page.bytes.length,
      });
      const { contentType, bytes } = page;
      return this.add({ projectId, title, filename, contentType, bytes }, 'url', page.url);
    });
  }

  private async add(
    document: UploadedDocument,
    origin: DocumentOrigin,
    url: URL | null,
  ): Promise<AddedDocument> {
    const { projectId, filename, bytes } = document;
    if (bytes.length === 0) throw new UnreadableDocument('The document is empty.');
    const { kind, contentType, charset } = kindOf(document);
    const text = await this.parts.reader.read({ kind, bytes, charset });
    const { redactor, knowledge, dispatch } = this.parts;
    const redact = (value: string) => redactor.redact(value);
    const title = redact(
      document.title ?? text.title ?? filename?.replace(/\.[a-z]+$/i, '') ?? url?.host ?? 'Untitled',
    ).slice(0, MAX_TITLE_CHARS);
    // Before anything is parted: half a secret would not be recognised.
    const passages = splitPassages(redacted(text, redact, title));
    if (passages.length === 0) {
      throw new UnreadableDocument(
        kind === 'pdf'
          ? 'The PDF holds no text: pages that are pictures must be made text (OCR) first.'
          : 'The document holds no text.',
      );
    }
    const added = await knowledge.add({
      projectId,
      title,
      origin,
      filename: this.shown(filename),
      url: url === null ? null : redact(url.href),
      contentType,
      sizeBytes: bytes.length,
      contentHash: createHash('sha256').update(bytes).digest('hex'),
      passages,
    });
    if (added.job) await dispatch.enqueue(added.job);
    return added;
  }

  /** What a sender says of a document, fit to be kept and logged. */
  private shown(text: string | null): string | null {
    return text === null ? null : this.parts.redactor.redact(text).slice(0, MAX_NAME_CHARS);
  }

  private async measured(
    facts: Readonly<Record<string, unknown>>,
    work: () => Promise<AddedDocument>,
  ): Promise<AddedDocument> {
    const startedAt = performance.now();
    const end = (status: string): number => {
      const seconds = (performance.now() - startedAt) / 1_000;
      this.requests.inc({ status });
      this.latency.observe({ status }, seconds);
      return Math.round(seconds * 1_000);
    };
    try {
      const added = await work();
      const status = added.job === null ? 'duplicate' : 'accepted';
      const { id: documentId, passages } = added.document;
      this.log.info({ ...facts, documentId, passages, ms: end(status) }, `document_${status}`);
      return added;
    } catch (error) {
      const status =
        error instanceof DomainError && !(error instanceof ExternalFailure) ? 'rejected' : 'failed';
      this.log.warn(
        { ...facts, ms: end(status), error: this.shown((error as Error).message) },
        `document_${status}`,
      );
      throw error;
    }
  }
}

/** Redacted sections; headings that only repeat the title are left out. */
function redacted(text: ReadText, redact: (value: string) => string, title: string): readonly Section[] {
  return text.sections.map(({ headings, text: body }) => {
    const shownHeadings = headings.map((heading) => redact(heading).slice(0, MAX_TITLE_CHARS));
    return {
      headings: shownHeadings[0] === title ? shownHeadings.slice(1) : shownHeadings,
      text: redact(body),
    };
  });
}
