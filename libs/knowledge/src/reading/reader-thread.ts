import { parentPort, workerData } from 'node:worker_threads';
import { readDocument, type DocumentToRead } from './read-document.js';
import { CannotRead, type ReadText } from './read-text.js';

/** What a reading thread reports, once. */
export type ReadReport =
  { readonly kind: 'read'; readonly text: ReadText } | { readonly kind: 'refused'; readonly reason: string };

try {
  report({ kind: 'read', text: await readDocument(workerData as DocumentToRead) });
} catch (error) {
  const reason = error instanceof CannotRead ? error.message : `it is broken: ${(error as Error).message}`;
  report({ kind: 'refused', reason });
}

function report(message: ReadReport): void {
  parentPort!.postMessage(message);
}
