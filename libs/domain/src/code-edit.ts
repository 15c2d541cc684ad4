import type { RepositoryFile } from './failure-context.js';

/** An exact search/replace edit; `search` stands at exactly one place of the file. */
export interface CodeEdit {
  /** From the root of the repository, with slashes. */
  readonly path: string;
  readonly search: string;
  readonly replace: string;
}

/** Whether the edit names one of the files, and its text stands in it exactly once. */
export function matchesOnePlace(edit: CodeEdit, files: readonly RepositoryFile[]): boolean {
  const file = files.find(({ path }) => path === edit.path);
  if (file === undefined || edit.search.trim() === '' || edit.search === edit.replace) return false;
  const first = file.text.indexOf(edit.search);
  return first >= 0 && file.text.indexOf(edit.search, first + 1) < 0;
}
