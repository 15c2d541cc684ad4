import { FAILURE_CATEGORIES, InvalidInput, type FailureCategory } from '@app/domain';
import { z } from 'zod';

/** What a label may say: a failure category, or `none` for a job that succeeded. */
export type LabelledCategory = Exclude<FailureCategory, 'unknown'> | 'none';

/** What a person found in one log. */
export interface ManifestRow {
  /** Name of the log in `logs/` beside the manifest. */
  readonly file: string;
  /** How the log came to us; only `gh-run-view` changes how lines are compared. */
  readonly format: string;
  readonly category: LabelledCategory;
  /** The key lines that an excerpt must show, cleaned (see `cleanLine`); empty for a job that succeeded. */
  readonly errorLines: readonly string[];
  /** Logs with the same value share one root cause; null for those that share theirs with no other log. */
  readonly group: string | null;
  /** Lines of the log as the labeller counted them; null when the manifest doesn't say. */
  readonly lines: number | null;
}

const CATEGORIES = [...FAILURE_CATEGORIES.filter((category) => category !== 'unknown'), 'none'] as const;

const ROW = z
  .object({
    file: z.string().regex(/^[^/\\\0]+$/, 'must be the name of a file in logs/, without folders'),
    format: z.string().min(1),
    category: z.enum(CATEGORIES as readonly LabelledCategory[] as [LabelledCategory, ...LabelledCategory[]]),
    error_lines: z.array(z.string()),
    group: z.string().min(1).nullish(),
    lines: z.number().int().nonnegative().nullish(),
  })
  .refine((row) => row.category === 'none' || row.error_lines.length > 0, {
    path: ['error_lines'],
    message: 'a failed log needs at least one',
  });

/**
 * Reads a manifest: one JSON object a line, blank lines skipped, fields it doesn't know ignored.
 * @throws InvalidInput naming the line and the field that is missing or wrong, or the file that is listed twice.
 */
export function parseManifest(text: string): ManifestRow[] {
  const rows: ManifestRow[] = [];
  const files = new Set<string>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const row = ROW.safeParse(parseJson(line, index + 1));
    if (!row.success) {
      const [issue] = row.error.issues;
      const field = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
      throw new InvalidInput(`line ${index + 1} of the manifest: ${field}${issue?.message}`, {
        line: index + 1,
      });
    }
    const { file, format, category, error_lines: errorLines, group, lines } = row.data;
    if (files.has(file)) {
      throw new InvalidInput(`line ${index + 1} of the manifest: ${file} is listed twice`, {
        line: index + 1,
      });
    }
    files.add(file);
    rows.push({ file, format, category, errorLines, group: group ?? null, lines: lines ?? null });
  }
  if (rows.length === 0) throw new InvalidInput('the manifest is empty: it needs one JSON object a line');
  return rows;
}

function parseJson(line: string, no: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new InvalidInput(`line ${no} of the manifest is no JSON object`, { line: no }, { cause });
  }
}
