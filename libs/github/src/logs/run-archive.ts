import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromFdPromise, type Entry, type ZipFile } from 'yauzl';
import { entriesOfJob } from './archive-entry-names.js';
import { logRefused } from './log-failure.js';

export interface ArchiveLimits {
  /** As it comes; it stands on the disk while it is read. */
  readonly maxBytes: number;
  /** A run has some hundred jobs with some dozen steps each. */
  readonly maxEntries: number;
  /** One job's log, unpacked. */
  readonly maxUnpackedBytes: number;
  /** How often its packed size a log may be: text with times in it packs to a tenth, a bomb to a thousandth. */
  readonly maxRatio: number;
}

export const ARCHIVE_LIMITS: ArchiveLimits = {
  maxBytes: 536_870_912,
  maxEntries: 20_000,
  maxUnpackedBytes: 4_000_000_000,
  maxRatio: 200,
};

/** What is smaller harms nobody, however well it was packed. */
const HARMLESS_BYTES = 1_048_576;

/**
 * The archive of a run's logs in a file without a name: its space is given back when it is closed or its process ends.
 * Nothing but the entries that are read is unpacked, each as a stream that ends with an error when it turns out longer
 * than the archive's directory says.
 */
export class RunArchive {
  private readers = 0;
  private closing = false;

  private constructor(
    private readonly file: FileHandle,
    private readonly zip: ZipFile,
    private readonly entries: ReadonlyMap<string, Entry>,
    /** For people: `log archive of run 12`. */
    private readonly what: string,
    private readonly limits: ArchiveLimits,
  ) {}

  /** @throws ExternalFailure `github_log_refused` for what is too large, damaged or no archive */
  static async receive(
    bytes: AsyncIterable<Uint8Array>,
    what: string,
    limits: ArchiveLimits = ARCHIVE_LIMITS,
  ): Promise<RunArchive> {
    const file = await namelessFile();
    try {
      await file.writeFile(limited(bytes, what, limits.maxBytes));
      const { zip, entries } = await directory(file, what, limits);
      return new RunArchive(file, zip, entries, what, limits);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Closed archives are not read any more; whoever reads one at that time reads to the end. */
  get isClosed(): boolean {
    return this.closing;
  }

  /**
   * Streams a job's log to `take`; null when the archive has none that is surely this job's.
   * @throws ExternalFailure `github_log_refused` for a log that is damaged or unpacks to more than is read
   */
  async read<T>(jobName: string, take: (log: AsyncIterable<Uint8Array>) => Promise<T>): Promise<T | null> {
    const names = entriesOfJob(jobName, this.entries.keys());
    if (names === null) return null;
    const entries = names.map((name) => this.entries.get(name)!);
    this.check(entries);
    this.readers += 1;
    try {
      return await take(this.unpacked(entries));
    } finally {
      this.readers -= 1;
      await this.closeIdle();
    }
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.closeIdle();
  }

  private async *unpacked(entries: readonly Entry[]): AsyncIterable<Uint8Array> {
    try {
      for (const entry of entries) yield* await this.zip.openReadStreamPromise(entry);
    } catch (error) {
      throw damaged(this.what, error);
    }
  }

  private async closeIdle(): Promise<void> {
    if (this.closing && this.readers === 0) await this.file.close();
  }

  private check(entries: readonly Entry[]): void {
    const sum = (of: (entry: Entry) => number): number =>
      entries.reduce((total, entry) => total + of(entry), 0);
    const packed = sum(({ compressedSize }) => compressedSize);
    const unpacked = sum(({ uncompressedSize }) => uncompressedSize);
    const { maxUnpackedBytes, maxRatio } = this.limits;
    if (unpacked > maxUnpackedBytes || (unpacked > HARMLESS_BYTES && unpacked > packed * maxRatio)) {
      throw logRefused(
        `The ${this.what} is refused: a log in it unpacks from ${packed} to ${unpacked} bytes, which is no log's size.`,
      );
    }
  }
}

/** A file that nobody else can open and nothing is left of. */
async function namelessFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `devflowfix-archive-${crypto.randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}

async function* limited(bytes: AsyncIterable<Uint8Array>, what: string, maxBytes: number) {
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > maxBytes) throw logRefused(`The ${what} is refused: it is larger than ${maxBytes} bytes.`);
    yield chunk;
  }
}

async function directory(
  file: FileHandle,
  what: string,
  { maxEntries }: ArchiveLimits,
): Promise<{ zip: ZipFile; entries: ReadonlyMap<string, Entry> }> {
  try {
    const zip = await fromFdPromise(file.fd, { lazyEntries: true, autoClose: false });
    const entries = new Map<string, Entry>();
    for await (const entry of zip.eachEntry()) {
      if (zip.entriesRead > maxEntries)
        throw logRefused(`The ${what} is refused: it has more than ${maxEntries} files.`);
      entries.set(entry.fileName, entry);
    }
    return { zip, entries };
  } catch (error) {
    throw damaged(what, error);
  }
}

function damaged(what: string, error: unknown): Error {
  if (error instanceof Error && 'code' in error && error.code === 'github_log_refused') return error;
  const reason = error instanceof Error ? error.message : String(error);
  return logRefused(`The ${what} can't be unpacked: ${reason}.`, error);
}
