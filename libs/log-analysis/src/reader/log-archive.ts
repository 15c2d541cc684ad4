import { fromBuffer, type Entry, type ZipFile } from 'yauzl';
import { UnreadableLog } from '@app/domain';
import { MAX_ARCHIVE_BYTES, MAX_UNPACK_RATIO, MAX_UNPACKED_BYTES } from './limits.js';

const LINE_FEED = 10;

/** Where a file of an archive begins in the whole, and what its name says. */
export interface ArchivePart {
  /** 1-based line of the whole. */
  readonly firstLine: number;
  readonly job: string;
  /** Empty for the log of a whole job. */
  readonly step: string;
}

/** Gathers a zip: its directory stands at the end, so it can't be read as it comes. */
export async function collectArchive(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_ARCHIVE_BYTES)
      throw new UnreadableLog('The log archive is too large to read.', { bytes: size });
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}

/**
 * The logs of a run archive one after another, in step order. GitHub packs each job twice: whole (`0_build.txt`) and
 * one file a step (`build/1_Set up job.txt`); the whole files are used where they exist.
 * @param parts gets each file before its first bytes are given out.
 * @throws UnreadableLog for damaged archives and for ones that unpack beyond the limits (zip bombs).
 */
export async function* readLogArchive(archive: Buffer, parts: ArchivePart[]): AsyncIterable<Uint8Array> {
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    fromBuffer(archive, { lazyEntries: true }, (error, file) => {
      if (error) reject(new UnreadableLog('The log archive is damaged.', {}, { cause: error }));
      else resolve(file);
    });
  });
  const entries = await listEntries(zip);
  const unpacked = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
  if (unpacked > MAX_UNPACKED_BYTES || unpacked > Math.max(archive.length, 4_096) * MAX_UNPACK_RATIO) {
    throw new UnreadableLog('The log archive unpacks to more than is read.', { bytes: unpacked });
  }
  const whole = entries.filter((entry) => !entry.fileName.includes('/'));
  const used = (whole.length > 0 ? whole : entries).toSorted(byStep);
  let firstLine = 1;
  for (const entry of used) {
    parts.push({ firstLine, ...namesOf(entry.fileName) });
    let last = LINE_FEED;
    for await (const chunk of readEntry(zip, entry)) {
      last = chunk.at(-1) ?? last;
      firstLine += lineEndsOf(chunk);
      yield chunk;
    }
    if (last === LINE_FEED) continue;
    // the next file starts on a line of its own
    firstLine += 1;
    yield Buffer.from('\n');
  }
}

function listEntries(zip: ZipFile): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('entry', (entry: Entry) => {
      if (entry.fileName.endsWith('.txt') || entry.fileName.endsWith('.log')) entries.push(entry);
      zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', (error: unknown) =>
      reject(new UnreadableLog('The log archive is damaged.', {}, { cause: error })),
    );
    zip.readEntry();
  });
}

async function* readEntry(zip: ZipFile, entry: Entry): AsyncIterable<Uint8Array> {
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    zip.openReadStream(entry, (error, opened) => {
      if (error)
        reject(new UnreadableLog('The log archive is damaged.', { entry: entry.fileName }, { cause: error }));
      else resolve(opened);
    });
  });
  try {
    yield* stream as unknown as AsyncIterable<Uint8Array>;
  } catch (error) {
    // a damaged file, or one larger than the directory of the archive says
    throw new UnreadableLog('The log archive is damaged.', { entry: entry.fileName }, { cause: error });
  }
}

/** `build (20)/3_Run tests.txt` is a step of a job, `0_build (20).txt` a job. */
function namesOf(fileName: string): { readonly job: string; readonly step: string } {
  const slash = fileName.lastIndexOf('/');
  const file = fileName.slice(slash + 1).replace(/^\d{1,6}_|\.(?:txt|log)$/g, '');
  return slash < 0 ? { job: file, step: '' } : { job: fileName.slice(0, slash), step: file };
}

function lineEndsOf(chunk: Uint8Array): number {
  let count = 0;
  for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) count += 1;
  return count;
}

/** `build/10_Test.txt` after `build/9_Lint.txt`. */
function byStep(a: Entry, b: Entry): number {
  return a.fileName.localeCompare(b.fileName, 'en', { numeric: true });
}
