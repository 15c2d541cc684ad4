/** Names shorter than this were not cut: GitHub cuts a job's name at about 90 characters. */
const CUT_FROM_CHARS = 85;

/** The files of a run's archive that are one job's log, in the order they are read in. */
export type EntryNames = readonly string[];

const WHOLE = /^-?\d{1,20}_(?<job>[^/]+)\.txt$/;
const STEP = /^(?<job>[^/]+)\/(?<number>-?\d{1,20})_[^/]*\.txt$/;

/**
 * Finds a job's log among the names of a run's archive: `3_build (20).txt` for the whole job, else its steps
 * (`build (20)/1_Set up job.txt` …). GitHub leaves out or replaces characters that file names may not have, and cuts long
 * names, each in ways that changed over the years and are documented nowhere (https://github.com/cli/cli/issues/5011); so
 * names are compared by ever less of them. Null where none fits, and where several do: another job's log would be worse
 * than none.
 */
export function entriesOfJob(jobName: string, names: Iterable<string>): EntryNames | null {
  const whole = new Map<string, string[]>();
  const steps = new Map<string, string[]>();
  for (const name of names) {
    const file = WHOLE.exec(name);
    const step = file ? null : STEP.exec(name);
    const job = (file ?? step)?.groups?.['job'];
    if (job !== undefined) add(file ? whole : steps, job, name);
  }
  const file = only(jobName, whole);
  if (file !== null) return file.length === 1 ? file : null;
  const files = only(jobName, steps);
  const isOneJob = files !== null && new Set(files.map(stepNumber)).size === files.length;
  return isOneJob ? files.toSorted((a, b) => stepNumber(a) - stepNumber(b)) : null;
}

/** The files of the one job in the archive that can be meant. */
function only(jobName: string, filesOf: ReadonlyMap<string, string[]>): string[] | null {
  const jobs = [...filesOf.keys()];
  for (const alike of LIKENESSES) {
    const fitting = jobs.filter((job) => alike(job, jobName));
    if (fitting.length > 0) return fitting.length === 1 ? filesOf.get(fitting[0]!)! : null;
  }
  return null;
}

/** From the same name to one of which only the letters and digits are the same, as far as they go. */
const LIKENESSES: readonly ((entry: string, job: string) => boolean)[] = [
  (entry, job) => entry === job,
  (entry, job) => plain(entry) === plain(job) && plain(job) !== '',
  (entry, job) => entry.length >= CUT_FROM_CHARS && plain(job).startsWith(plain(entry)),
];

function plain(name: string): string {
  return name.normalize('NFC').replaceAll(/[^\p{L}\p{N}]/gu, '');
}

function stepNumber(name: string): number {
  return Number(STEP.exec(name)?.groups?.['number'] ?? 0);
}

function add(to: Map<string, string[]>, key: string, value: string): void {
  const known = to.get(key);
  if (known) known.push(value);
  else to.set(key, [value]);
}
