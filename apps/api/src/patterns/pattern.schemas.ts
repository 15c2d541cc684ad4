import { FAILURE_CATEGORIES } from '@app/domain';
import { z } from 'zod';

const line = (maxLength: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .regex(/^\P{Cc}*$/u, 'must not hold control characters');
const projectId = z.uuid().meta({ description: 'Project id.' });

export const patternListQuerySchema = z.strictObject({
  project: projectId.optional(),
  category: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.enum(FAILURE_CATEGORIES)))
    .optional()
    .meta({ description: 'One, or several separated by commas.' }),
  muted: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
  minOccurrences: z.coerce.number().int().min(1).max(1_000_000_000).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z.string().max(500).optional(),
});
export type PatternListQuery = z.output<typeof patternListQuerySchema>;

export const patternQuerySchema = z.strictObject({ project: projectId.optional() });
export type PatternQuery = z.output<typeof patternQuerySchema>;

export const patternSchema = z
  .object({
    id: z.string(),
    projectId: z.string(),
    repository: z.string(),
    fingerprint: z.string(),
    signature: z.string().meta({ description: 'The decisive lines, variable parts masked.' }),
    category: z.enum(FAILURE_CATEGORIES),
    occurrences: z.number().meta({ description: 'Failed attempts.' }),
    incidents: z.number(),
    firstSeenAt: z.string(),
    lastSeenAt: z.string(),
    meanMsBetween: z
      .number()
      .nullable()
      .meta({ description: 'Mean time between occurrences; null before the second.' }),
    flakiness: z
      .object({
        rate: z.number().nullable().meta({ description: 'Null while none passed again.' }),
        passes: z.number().meta({ description: 'Incidents that passed later.' }),
        passesOnSameCommit: z
          .number()
          .meta({ description: 'Those of them that passed on the commit that failed.' }),
      })
      .meta({ id: 'Flakiness' }),
    muted: z
      .object({ at: z.string(), by: z.string().nullable(), reason: z.string().nullable() })
      .nullable()
      .meta({ description: 'Since when it is counted, and neither diagnosed nor told of.' }),
    mergedFingerprints: z.array(z.string()),
    diagnosis: z
      .object({
        id: z.string(),
        source: z.string(),
        rootCause: z.string(),
        solution: z.string(),
        createdAt: z.string(),
      })
      .nullable(),
  })
  .meta({ id: 'Pattern' });
export type PatternView = z.output<typeof patternSchema>;

export const patternPageSchema = z
  .object({ items: z.array(patternSchema), nextCursor: z.string().nullable() })
  .meta({ id: 'PatternPage' });

export const likelyFixSchema = z
  .object({
    incidentId: z.string().nullable(),
    redSha: z.string().meta({ description: 'The commit that failed.' }),
    greenSha: z.string().meta({ description: 'The commit that passed.' }),
    commits: z.array(
      z.object({
        sha: z.string(),
        message: z.string(),
        author: z.string().nullable(),
        url: z.string().nullable(),
      }),
    ),
    totalCommits: z.number(),
    files: z.array(z.string()),
    url: z.string().nullable(),
    foundAt: z.string(),
  })
  .meta({ id: 'LikelyFix' });

export const patternDetailSchema = patternSchema
  .extend({
    likelyFixes: z
      .array(likelyFixSchema)
      .meta({ description: 'What came between red and green, newest first.' }),
    mergeCandidates: z
      .array(
        z.object({
          fingerprint: z.string(),
          score: z.number().meta({ description: 'Share of the signature that is the same, 0 to 1.' }),
          signature: z.string(),
          occurrences: z.number(),
          lastSeenAt: z.string(),
        }),
      )
      .meta({
        description: 'Patterns of the project that may be the same failure; nothing merges by itself.',
      }),
    history: z.array(
      z.object({
        at: z.string(),
        kind: z.enum(['muted', 'unmuted', 'merged', 'unmerged']),
        by: z.string(),
        facts: z.record(z.string(), z.unknown()),
      }),
    ),
  })
  .meta({ id: 'PatternDetail' });
export type PatternDetailView = z.output<typeof patternDetailSchema>;

export const patternAcrossProjectsSchema = z
  .object({
    fingerprint: z.string(),
    occurrences: z.number(),
    firstSeenAt: z.string(),
    lastSeenAt: z.string(),
    patterns: z.array(patternDetailSchema).meta({ description: 'One for each project that has it.' }),
  })
  .meta({ id: 'PatternAcrossProjects' });
export type PatternAcrossProjectsView = z.output<typeof patternAcrossProjectsSchema>;

export const patternChangeSchema = z
  .strictObject({
    project: projectId.optional().meta({ description: 'Default: every project that has the pattern.' }),
    muted: z.boolean(),
    reason: line(500).nullable().default(null),
  })
  .meta({ id: 'PatternChange' });
export type PatternChange = z.output<typeof patternChangeSchema>;

export const patternMergeSchema = z
  .strictObject({
    project: projectId,
    source: line(200).meta({ description: 'Its sightings become the target’s.' }),
    target: line(200),
  })
  .meta({ id: 'PatternMerge' });
export type PatternMerge = z.output<typeof patternMergeSchema>;

export const patternUnmergeSchema = z
  .strictObject({ project: projectId, fingerprint: line(200) })
  .meta({ id: 'PatternUnmerge' });
export type PatternUnmerge = z.output<typeof patternUnmergeSchema>;
