import { z } from 'zod';

/*
 * Questions that GitHub's REST API answers one file and one job at a time, and what is used of the answers.
 * https://docs.github.com/graphql/reference
 */

/** Several files of a commit; `paths` are named by the variables `p0`, `p1` … */
export function filesQuery(paths: readonly string[]): string {
  const variables = paths.map((_, i) => `, $p${i}: String!`).join('');
  const files = paths.map((_, i) => `f${i}: file(path: $p${i}) { ...entry }`).join(' ');
  return `query Files($owner: String!, $repo: String!, $commit: String!${variables}) {
    repository(owner: $owner, name: $repo) { object(expression: $commit) { ... on Commit { ${files} } } }
  }
  fragment entry on TreeEntry {
    mode type object { ... on Blob { byteSize isTruncated text } }
  }`;
}

export function filesVariables(paths: readonly string[], commit: string): Record<string, string> {
  return { commit, ...Object.fromEntries(paths.map((path, i) => [`p${i}`, path])) };
}

export const treeEntrySchema = z.object({
  mode: z.number(),
  type: z.string(),
  object: z
    .object({
      byteSize: z.number().default(0),
      isTruncated: z.boolean().default(false),
      text: z.string().nullish(),
    })
    .nullable(),
});

/** `f0` … in the order of the paths; no object: there is no such commit. */
export const filesSchema = z.object({
  repository: z.object({ object: z.record(z.string(), treeEntrySchema.nullable()).nullable() }).nullable(),
});

/** What checks reported, by the checks' ids. */
export const CHECKS_QUERY = `query Checks($checks: [ID!]!) {
  nodes(ids: $checks) {
    ... on CheckRun {
      id
      annotations(first: 50) {
        nodes { path title message annotationLevel location { start { line } end { line } } }
      }
    }
  }
}`;

const position = z.object({ line: z.number() });

export const checksSchema = z.object({
  nodes: z.array(
    z
      .object({
        id: z.string().optional(),
        annotations: z
          .object({
            nodes: z
              .array(
                z
                  .object({
                    path: z.string(),
                    title: z.string().nullish(),
                    message: z.string(),
                    annotationLevel: z.enum(['NOTICE', 'WARNING', 'FAILURE']).nullable().catch('FAILURE'),
                    location: z.object({ start: position, end: position }),
                  })
                  .nullable(),
              )
              .nullish(),
          })
          .nullish(),
      })
      .nullable(),
  ),
});
