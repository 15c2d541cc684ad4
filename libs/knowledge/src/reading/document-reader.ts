import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { KnowledgeConfig } from '@app/config';
import { UnreadableDocument } from '@app/domain';
import type { DocumentToRead } from './read-document.js';
import { ReadingLine } from './reading-line.js';
import type { ReadReport } from './reader-thread.js';
import type { ReadText } from './read-text.js';

/** Of the thread's objects; what lies beside them (inflated streams) is watched from outside. */
const MAX_HEAP_MB = 256;
const WATCH_MS = 25;
const MIB = 1_048_576;
/** Characters of a document: some hundreds of pages. */
const MAX_CHARS = 4_000_000;
/** Documents that wait for others, each with a request. */
const MAX_WAITING = 4;

/**
 * Documents as text. Each is read in a thread of its own, which is ended when it takes more time or memory than the
 * configuration allows; one at a time, so that several can't add up. PDFs, the slow ones, have a line of their own: what
 * is text already doesn't wait for them.
 */
export class DocumentReader {
  private readonly pdfs: ReadingLine;
  private readonly texts: ReadingLine;

  constructor(
    private readonly config: Pick<KnowledgeConfig, 'readTimeoutMs' | 'readMemoryBytes' | 'maxPages'>,
  ) {
    // Nobody waits longer than reading one may take.
    const limits = { maxWaiting: MAX_WAITING, maxWaitMs: config.readTimeoutMs };
    this.pdfs = new ReadingLine(limits);
    this.texts = new ReadingLine(limits);
  }

  /** @throws UnreadableDocument, ExternalFailure `reader_busy` when too many others wait, or for too long */
  read(document: Omit<DocumentToRead, 'limits'>, signal?: AbortSignal): Promise<ReadText> {
    const line = document.kind === 'pdf' ? this.pdfs : this.texts;
    return line.run(() => this.readNow(document, signal), signal);
  }

  private async readNow(document: Omit<DocumentToRead, 'limits'>, signal?: AbortSignal): Promise<ReadText> {
    signal?.throwIfAborted();
    const limits = { maxPages: this.config.maxPages, maxChars: MAX_CHARS };
    const thread = new Worker(threadEntry(), {
      workerData: { ...document, limits } satisfies DocumentToRead,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
      // What a library prints about a broken file is nobody's.
      stdout: true,
      stderr: true,
    });
    thread.stdout.resume();
    thread.stderr.resume();
    try {
      return await this.outcome(thread, signal);
    } finally {
      await thread.terminate();
    }
  }

  private outcome(thread: Worker, signal?: AbortSignal): Promise<ReadText> {
    const { readTimeoutMs, readMemoryBytes } = this.config;
    const ended = new AbortController();
    return new Promise<ReadText>((resolveRead, reject) => {
      const refuse = (reason: string, cause?: unknown) =>
        reject(new UnreadableDocument(`The document can't be read: ${reason}.`, {}, { cause }));
      const tooLarge = `reading it takes more than ${Math.round(readMemoryBytes / MIB)} MiB of memory`;

      thread.on('message', (report: ReadReport) => {
        if (report.kind === 'read') resolveRead(report.text);
        else refuse(report.reason);
      });
      thread.on('error', (error: NodeJS.ErrnoException) =>
        refuse(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooLarge : error.message, error),
      );
      thread.on('exit', () => refuse('its reader ended'));
      const overdue = setTimeout(
        () => refuse(`reading it takes more than ${readTimeoutMs / 1_000} s`),
        readTimeoutMs,
      );
      const watch = setInterval(() => {
        void thread.getHeapStatistics().then(
          ({ used_heap_size, external_memory }) => {
            if (used_heap_size + external_memory > readMemoryBytes) refuse(tooLarge);
          },
          // It has just ended.
          () => undefined,
        );
      }, WATCH_MS);
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { signal: ended.signal });
      ended.signal.addEventListener('abort', () => {
        clearTimeout(overdue);
        clearInterval(watch);
      });
    }).finally(() => ended.abort());
  }
}

/** The compiled file, also when the product runs from its sources (tests). */
function threadEntry(): string {
  const here = fileURLToPath(import.meta.url);
  return here.endsWith('.ts')
    ? resolve(here, '../../../../../dist/libs/knowledge/src/reading/reader-thread.js')
    : resolve(here, '../reader-thread.js');
}
