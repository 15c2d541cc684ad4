import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const RECORDINGS = new URL('../../../../../apps/cli/recordings/', import.meta.url);

const recordingSchema = z.object({
  file: z.string(),
  repository: z.string(),
  workflow: z.string(),
  job: z.string(),
  step: z.string(),
  branch: z.string(),
  headSha: z.string(),
});

/** A failed job as the demo plays it. */
export interface Recording extends z.output<typeof recordingSchema> {
  readonly log: Uint8Array;
  /** Whether the log analysis finds a failure in it: in the log of a job that passed it does not. */
  readonly showsFailure: boolean;
}

/** The failures that come with the product: invented, in the shape of real ones. */
export async function shippedRecordings(): Promise<Recording[]> {
  const listed = z
    .array(recordingSchema)
    .parse(JSON.parse(await readFile(new URL('recordings.json', RECORDINGS), 'utf8')));
  return Promise.all(
    listed.map(async (recording) => ({
      ...recording,
      log: await readFile(fileURLToPath(new URL(recording.file, RECORDINGS))),
      showsFailure: true,
    })),
  );
}

/** A log nobody prepared, played as one job's. */
export function recordingOf(path: string, log: Uint8Array, showsFailure: boolean): Recording {
  return {
    file: path,
    repository: 'acme/your-repository',
    workflow: 'CI',
    job: 'your-job',
    step: '',
    branch: 'main',
    headSha: '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c',
    log,
    showsFailure,
  };
}

const ISO_TIME = /\b(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\.(\d{7})Z/g;
const RUN_ID = /\b11223344556\b/g;
const TEMPORARY = /(\/tmp\/|\/_temp\/)([A-Za-z0-9._-]*?)([A-Za-z0-9]{6,})/g;
const CONTAINER_ID = /\b[0-9a-f]{64}\b/g;

/** The same failure of another day: other timestamps, run id, temporary folders and container ids. */
export function anotherOccurrence(recording: Recording, runId: number, hoursLater: number): Recording {
  const text = new TextDecoder()
    .decode(recording.log)
    .replace(ISO_TIME, (_, seconds: string, fraction: string) => {
      const moved = new Date(Date.parse(`${seconds}Z`) + hoursLater * 3_600_000);
      return `${moved.toISOString().slice(0, 19)}.${fraction.split('').toReversed().join('')}Z`;
    })
    .replace(RUN_ID, String(runId))
    .replace(
      TEMPORARY,
      (_, folder: string, name: string, random: string) => `${folder}${name}${rotate(random)}`,
    )
    .replace(CONTAINER_ID, rotate);
  return { ...recording, log: new TextEncoder().encode(text) };
}

function rotate(text: string): string {
  const middle = Math.floor(text.length / 2);
  return text.slice(middle) + text.slice(0, middle);
}
