import { createHash } from 'node:crypto';

/** A commit as a test or the demo describes it: the whole tree it leaves behind. */
export interface CommitSeed {
  /** Left out: made from the content, like git's. */
  readonly sha?: string;
  readonly message?: string;
  /** Login of the author; null for one whom GitHub doesn't know. Default `mona`. */
  readonly author?: string | null;
  readonly parents?: readonly string[];
  readonly at?: Date;
  /** Content by path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Paths of this commit that its parent has under another name: new → old. */
  readonly renamed?: Readonly<Record<string, string>>;
}

export interface CommitState {
  readonly sha: string;
  readonly treeSha: string;
  readonly message: string;
  readonly author: string | null;
  readonly parents: readonly string[];
  readonly at: Date;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly renamed: Readonly<Record<string, string>>;
}

export interface FileChange {
  readonly filename: string;
  readonly status: 'added' | 'removed' | 'modified' | 'renamed';
  readonly additions: number;
  readonly deletions: number;
  readonly changes: number;
  readonly sha: string;
  /** Left out for binary files. */
  readonly patch?: string;
  readonly previous_filename?: string;
}

export function commitOf(seed: CommitSeed): CommitState {
  const files = new Map(
    Object.entries(seed.files ?? {}).map(([path, content]) => [path, Buffer.from(content)] as const),
  );
  const treeSha = treeShaOf(files);
  const at = seed.at ?? new Date('2026-11-20T09:00:00Z');
  const message = seed.message ?? 'Change of the build';
  const parents = seed.parents ?? [];
  return {
    sha: seed.sha ?? sha1(`commit ${treeSha} ${parents.join(' ')} ${at.toISOString()}\n${message}`),
    treeSha,
    message,
    author: seed.author === undefined ? 'mona' : seed.author,
    parents,
    at,
    files,
    renamed: seed.renamed ?? {},
  };
}

export function blobSha(content: Uint8Array): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

export function treeShaOf(files: ReadonlyMap<string, Uint8Array>): string {
  const entries = [...files].map(([path, content]) => `${path} ${blobSha(content)}`).toSorted();
  return sha1(`tree\n${entries.join('\n')}`);
}

/** What changed from one tree to another, in order of paths. */
export function changesBetween(
  before: ReadonlyMap<string, Uint8Array>,
  after: ReadonlyMap<string, Uint8Array>,
  renamed: Readonly<Record<string, string>> = {},
): FileChange[] {
  const oldNames = new Set(Object.values(renamed));
  const paths = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return paths.flatMap((path): FileChange[] => {
    const previous = renamed[path];
    const old = before.get(previous ?? path);
    const now = after.get(path);
    if (now === undefined) return oldNames.has(path) || old === undefined ? [] : [change(path, old, now)];
    if (old !== undefined && previous === undefined && Buffer.from(old).equals(now)) return [];
    return [change(path, old, now, previous)];
  });
}

function change(
  filename: string,
  old: Uint8Array | undefined,
  now: Uint8Array | undefined,
  previous?: string,
): FileChange {
  const status = previous
    ? 'renamed'
    : old === undefined
      ? 'added'
      : now === undefined
        ? 'removed'
        : 'modified';
  const sha = blobSha(now ?? old ?? new Uint8Array());
  const named = previous === undefined ? {} : { previous_filename: previous };
  if ([old, now].some((content) => content?.includes(0))) {
    return { filename, status, additions: 0, deletions: 0, changes: 0, sha, ...named };
  }
  const { additions, deletions, patch } = lineDifference(linesOf(old), linesOf(now));
  const shown = patch === '' ? {} : { patch };
  return { filename, status, additions, deletions, changes: additions + deletions, sha, ...shown, ...named };
}

/** One hunk: what lies between the first and the last line that differ. */
function lineDifference(old: readonly string[], now: readonly string[]) {
  let start = 0;
  while (start < Math.min(old.length, now.length) && old[start] === now[start]) start += 1;
  let end = 0;
  const room = Math.min(old.length, now.length) - start;
  while (end < room && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const gone = old.slice(start, old.length - end);
  const come = now.slice(start, now.length - end);
  const hunk = `@@ -${start + 1},${gone.length} +${start + 1},${come.length} @@`;
  const lines = [hunk, ...gone.map((line) => `-${line}`), ...come.map((line) => `+${line}`)];
  const same = gone.length + come.length === 0;
  return { additions: come.length, deletions: gone.length, patch: same ? '' : lines.join('\n') };
}

function linesOf(content: Uint8Array | undefined): string[] {
  const text = content === undefined ? '' : Buffer.from(content).toString();
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
