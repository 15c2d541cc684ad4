import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InvalidInput } from '@app/domain';
import { z } from 'zod';

/** A webhook delivery as it was recorded. */
export interface RecordedDelivery {
  /** `X-GitHub-Delivery`; null: a new one each time it is sent. */
  readonly id: string | null;
  readonly event: string;
  /** When it came; null: right after the one before. */
  readonly at: Date | null;
  readonly payload: unknown;
}

const recorded = z.object({
  id: z.string().min(1).max(100).nullish(),
  event: z.string().min(1),
  at: z.iso.datetime({ offset: true }).nullish(),
  payload: z.record(z.string(), z.unknown()),
});

/**
 * Deliveries of a file, or of a folder's files in the order of their names. `.jsonl` holds one `{event, payload, id?, at?}` a
 * line; `.json` one of them, a list of them, or a payload as GitHub sends it in a file named after its event
 * (`workflow_run.failed.json`).
 * @throws InvalidInput naming the file and what is wrong
 */
export async function readRecordings(path: string): Promise<RecordedDelivery[]> {
  const files = await filesOf(path);
  const read = await Promise.all(files.map(readFileOf));
  const deliveries = read.flat();
  if (deliveries.length === 0)
    throw new InvalidInput(`${path} holds no deliveries: name a .json or .jsonl file, or a folder of them.`);
  return deliveries;
}

async function filesOf(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => /\.jsonl?$/.test(name)).toSorted();
    return names.map((name) => join(path, name));
  } catch (error) {
    throw new InvalidInput(`${path} can't be read: ${(error as Error).message}.`);
  }
}

async function readFileOf(file: string): Promise<RecordedDelivery[]> {
  const text = await readFile(file, 'utf8');
  if (file.endsWith('.jsonl')) {
    const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }));
    return lines
      .filter(({ line }) => line !== '')
      .map(({ line, number }) => deliveryOf(parsed(line, `${file}:${number}`), `${file}:${number}`));
  }
  const json = parsed(text, file);
  if (Array.isArray(json)) return json.map((one, index) => deliveryOf(one, `${file}[${index}]`));
  if (recorded.safeParse(json).success) return [deliveryOf(json, file)];
  const event = basename(file).split('.')[0]!;
  return [deliveryOf({ event, payload: json }, file)];
}

function parsed(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidInput(`${place} is not JSON: ${(error as Error).message}.`);
  }
}

function deliveryOf(json: unknown, place: string): RecordedDelivery {
  const read = recorded.safeParse(json);
  if (!read.success) throw new InvalidInput(`${place} is no delivery: ${z.prettifyError(read.error)}`);
  const { id, event, at, payload } = read.data;
  return { id: id ?? null, event, at: at ? new Date(at) : null, payload };
}
