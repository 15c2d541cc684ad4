import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import type { IncomingTable } from './fill-database.js';
import { BackupUnusable } from './transfer-errors.js';
import { Digesting, type TableDigest, type TextRow } from './table-rows.js';
import type { TableShape } from './table-shape.js';

const FORMAT = 'devflowfix-backup';
const VERSION = 1;

const shapeSchema = z.object({
  name: z.string(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  key: z.array(z.string()),
  identity: z.string().nullable(),
  vectorIndexes: z.array(z.string()),
});
const headerSchema = z.object({
  format: z.literal(FORMAT),
  version: z.number(),
  createdAt: z.string(),
  migrations: z.array(z.string()),
  tables: z.array(shapeSchema),
});
export type BackupHeader = z.output<typeof headerSchema>;
const rowSchema = z.array(z.string().nullable());
const endSchema = z.object({ end: z.string(), rows: z.number(), sha256: z.string() });
const COMPLETE = JSON.stringify({ complete: true });

/** Gives the rows of a table batch by batch. */
export type ReadTable = (shape: TableShape) => AsyncIterable<readonly TextRow[]>;

/**
 * Writes a backup: gzipped lines of JSON. A header, then for each table its rows and what they add up to, then a line that
 * says that it is whole. It stands under its name only when it is.
 */
export async function writeBackup(
  path: string,
  contents: {
    readonly migrations: readonly string[];
    readonly tables: readonly TableShape[];
    readonly at: Date;
  },
  read: ReadTable,
): Promise<ReadonlyMap<string, TableDigest>> {
  const draft = `${path}.part`;
  const digests = new Map<string, TableDigest>();
  async function* lines(): AsyncGenerator<string> {
    const { migrations, tables, at } = contents;
    const header = { format: FORMAT, version: VERSION, createdAt: at.toISOString(), migrations, tables };
    yield `${JSON.stringify(header)}\n`;
    for (const shape of tables) {
      const digesting = new Digesting();
      for await (const batch of read(shape)) {
        for (const row of batch) digesting.add(row);
        yield batch.map((row) => `${JSON.stringify(row)}\n`).join('');
      }
      const digest = digesting.end();
      digests.set(shape.name, digest);
      yield `${JSON.stringify({ end: shape.name, ...digest })}\n`;
    }
    yield `${COMPLETE}\n`;
  }
  try {
    // A quick compression: a server keeps what was deleted for as long as the transaction reads.
    await pipeline(lines, createGzip({ level: 1 }), createWriteStream(draft, { mode: 0o600, flush: true }));
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  return digests;
}

/**
 * Reads a backup.
 * @throws BackupUnusable
 */
export class BackupReader {
  private constructor(
    readonly header: BackupHeader,
    private readonly lines: AsyncIterator<string>,
    private readonly stop: () => void,
  ) {}

  /** @throws BackupUnusable when this is no backup, or one of another format */
  static async open(path: string): Promise<BackupReader> {
    const { lines, stop } = linesOf(path);
    const first = await lines.next();
    const header = headerSchema.safeParse(parse(first.done ? '' : first.value));
    if (!header.success) {
      stop();
      throw new BackupUnusable(
        `${path} is no backup of this product, or its beginning is damaged.`,
        'backup_damaged',
      );
    }
    if (header.data.version !== VERSION) {
      stop();
      throw new BackupUnusable(
        `${path} has the format ${header.data.version}; this version of the product reads ${VERSION}.`,
        'backup_of_other_version',
      );
    }
    return new BackupReader(header.data, lines, stop);
  }

  /** The tables in order; each one's rows must be taken before the next. Ends with the check that the file is whole. */
  async *tables(): AsyncGenerator<IncomingTable> {
    for (const shape of this.header.tables) {
      let digest: TableDigest | null = null;
      yield {
        shape,
        batches: this.rows(shape, (end) => (digest = end)),
        digest: () => digest ?? unusable(`the rows of ${shape.name} were not read`),
      };
    }
    if ((await this.next()) !== COMPLETE) unusable('its end is missing');
  }

  close(): void {
    this.stop();
  }

  private async *rows(
    shape: TableShape,
    onEnd: (digest: TableDigest) => void,
  ): AsyncGenerator<readonly TextRow[]> {
    const digesting = new Digesting();
    let batch: TextRow[] = [];
    let chars = 0;
    for (;;) {
      const line = await this.next();
      const value = parse(line);
      const row = rowSchema.safeParse(value);
      if (!row.success) {
        if (batch.length > 0) yield batch;
        const end = endSchema.safeParse(value);
        const digest = digesting.end();
        if (!end.success || end.data.end !== shape.name)
          return unusable(`the rows of ${shape.name} break off`);
        if (end.data.rows !== digest.rows || end.data.sha256 !== digest.sha256)
          return unusable(`the rows of ${shape.name} don’t have their checksum`);
        return onEnd(digest);
      }
      if (row.data.length !== shape.columns.length) unusable(`a row of ${shape.name} has other columns`);
      digesting.add(row.data);
      batch.push(row.data);
      chars += line.length;
      if (batch.length < 1_000 && chars < 2_000_000) continue;
      yield batch;
      batch = [];
      chars = 0;
    }
  }

  private async next(): Promise<string> {
    const line = await this.lines.next();
    return line.done ? unusable('its end is missing') : line.value;
  }
}

/** Lines of a gzipped file; an error of reading or unpacking is one of the backup. */
function linesOf(path: string): { lines: AsyncIterator<string>; stop: () => void } {
  const file = createReadStream(path);
  const unpacked = file.pipe(createGunzip());
  file.once('error', (error) => unpacked.destroy(error));
  async function* lines(): AsyncGenerator<string> {
    try {
      let rest = '';
      for await (const piece of unpacked.setEncoding('utf8') as AsyncIterable<string>) {
        const parts = (rest + piece).split('\n');
        rest = parts.pop()!;
        yield* parts;
      }
      if (rest !== '') yield rest;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') throw new BackupUnusable(`There is no file ${path}.`, 'backup_damaged');
      throw new BackupUnusable(`${path} is damaged: ${message}.`, 'backup_damaged', { cause: error });
    }
  }
  return { lines: lines(), stop: () => file.destroy() };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function unusable(what: string): never {
  throw new BackupUnusable(`The backup is damaged: ${what}. Nothing was changed.`, 'backup_damaged');
}
