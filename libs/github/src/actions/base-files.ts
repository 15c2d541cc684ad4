import { z } from 'zod';
import { ExternalFailure, type CodeEdit } from '@app/domain';
import type { GithubReads } from './github-session.js';

const treeSchema = z.object({
  tree: z.array(
    z.object({ path: z.string(), mode: z.string(), type: z.string(), sha: z.string().nullish() }),
  ),
});
const blobSchema = z.object({ content: z.string(), encoding: z.string() });
const commitSchema = z.object({
  sha: z.string(),
  message: z.string(),
  tree: z.object({ sha: z.string() }),
  parents: z.array(z.object({ sha: z.string() })),
});
export type GitCommit = z.output<typeof commitSchema>;

/** Larger files are no one's to edit by search and replace. */
const MAX_FILE_BYTES = 1_048_576;
const REGULAR_MODES = ['100644', '100755'];

/** A file of the base with the edits made in it. */
export interface EditedFile {
  readonly path: string;
  /** Git's file mode, as the base has it. */
  readonly mode: string;
  readonly before: string;
  readonly after: string;
}

export function commitAt(github: GithubReads, sha: string): Promise<GitCommit> {
  return github.get(`commit ${sha}`, '/git/commits/{commit_sha}', { commit_sha: sha }, commitSchema);
}

/**
 * Makes the edits in the files of a commit, in their order.
 * @throws ExternalFailure `edits_do_not_fit` naming every edit that does not match exactly one place
 */
export async function editAt(
  github: GithubReads,
  commit: GitCommit,
  edits: readonly CodeEdit[],
): Promise<readonly EditedFile[]> {
  const files = new Map<string, EditedFile>();
  const problems: string[] = [];
  for (const [index, edit] of edits.entries()) {
    const file = files.get(edit.path) ?? (await readFile(github, commit, edit.path));
    const problem = typeof file === 'string' ? file : misfit(edit, file);
    if (problem !== null) {
      problems.push(`edit ${index + 1}: ${problem}`);
      continue;
    }
    const { after, ...rest } = file as EditedFile;
    // As text: what is put in may hold the patterns of String.replace.
    files.set(edit.path, { ...rest, after: after.split(edit.search).join(edit.replace) });
  }
  if (problems.length > 0) {
    throw new ExternalFailure(`The edits don't fit ${commit.sha.slice(0, 7)}: ${problems.join('; ')}.`, {
      code: 'edits_do_not_fit',
      retryable: false,
      facts: { sha: commit.sha, problems },
    });
  }
  return [...files.values()];
}

function misfit({ path, search, replace }: CodeEdit, { after }: EditedFile): string | null {
  if (search.trim() === '') return `it looks for nothing in ${path}`;
  if (search === replace) return `it changes nothing in ${path}`;
  const first = after.indexOf(search);
  if (first < 0) return `its text does not stand in ${path}`;
  return after.indexOf(search, first + 1) < 0 ? null : `its text stands in ${path} more than once`;
}

/** The file, or why it can't be edited. */
async function readFile(github: GithubReads, commit: GitCommit, path: string): Promise<EditedFile | string> {
  let tree = commit.tree.sha;
  const segments = path.split('/');
  for (const [depth, segment] of segments.entries()) {
    const parameters = { tree_sha: tree };
    const listing = await github.get(`tree ${tree}`, '/git/trees/{tree_sha}', parameters, treeSchema);
    const entry = listing.tree.find((each) => each.path === segment);
    if (!entry?.sha) return `there is no ${path}`;
    if (depth < segments.length - 1) {
      if (entry.type !== 'tree') return `there is no ${path}`;
      tree = entry.sha;
      continue;
    }
    // Symbolic links and submodules lead elsewhere.
    if (entry.type !== 'blob' || !REGULAR_MODES.includes(entry.mode)) return `${path} is not a regular file`;
    const text = await readText(github, entry.sha);
    return text === null
      ? `${path} is no text of up to 1 MiB`
      : { path, mode: entry.mode, before: text, after: text };
  }
  return `there is no ${path}`;
}

async function readText(github: GithubReads, sha: string): Promise<string | null> {
  const blob = await github.get(`blob ${sha}`, '/git/blobs/{file_sha}', { file_sha: sha }, blobSchema);
  const bytes = Buffer.from(blob.content, blob.encoding === 'base64' ? 'base64' : 'utf8');
  if (bytes.length > MAX_FILE_BYTES || bytes.includes(0)) return null;
  try {
    // The byte order mark is kept: it is part of the file.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
