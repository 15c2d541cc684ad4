import { endpoint, ok, refused, type StandInAnswer, type StandInCall } from '../stand-in-route.js';
import type { CommitState } from '../state/commit-state.js';
import type { RepositoryState } from '../state/repository-state.js';
import type { AnnotationSeed } from '../state/run-seed.js';

/** GitHub cuts longer texts. */
const LARGEST_TEXT_BYTES = 512_000;

interface GraphqlError {
  readonly type: 'NOT_FOUND';
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * The questions in GraphQL that the product asks, told apart by their names. What they may ask is held to GitHub's own schema
 * by a test; here stands what is answered.
 */
export const GRAPHQL_ROUTES = [
  endpoint('graphql', 'POST /graphql', (call) => {
    // GraphQL is answered to nobody who doesn't say who it is.
    if (call.token === null) return refused(401, 'This endpoint requires you to be authenticated.');
    const name = /^\s*query (\w+)/.exec(String(call.body['query']))?.[1];
    const variables = (call.body['variables'] ?? {}) as Record<string, unknown>;
    if (name === 'Files') return files(call, variables);
    if (name === 'Checks') return checks(call, variables);
    return answer(null, [{ type: 'NOT_FOUND', path: [], message: `The stand-in knows no query ${name}` }]);
  }),
];

function answer(data: unknown, errors: readonly GraphqlError[] = []): StandInAnswer {
  return ok({ data, ...(errors.length > 0 && { errors }) });
}

function files({ state }: StandInCall, variables: Record<string, unknown>): StandInAnswer {
  const fullName = `${String(variables['owner'])}/${String(variables['repo'])}`;
  const repository = state.find(fullName);
  if (!repository) {
    const message = `Could not resolve to a Repository with the name '${fullName}'.`;
    return answer({ repository: null }, [{ type: 'NOT_FOUND', path: ['repository'], message }]);
  }
  const commit = repository.findCommit(String(variables['commit']));
  if (!commit) return answer({ repository: { object: null } });
  const asked = Object.keys(variables).filter((key) => /^p\d+$/.test(key));
  const object = Object.fromEntries(
    asked.map((key) => [`f${key.slice(1)}`, entry(commit.files, String(variables[key]))]),
  );
  return answer({ repository: { object } });
}

function entry(files: CommitState['files'], path: string) {
  const content = files.get(path);
  if (content !== undefined) return { mode: 0o100644, type: 'blob', object: blob(content) };
  const isFolder = [...files.keys()].some((name) => name.startsWith(`${path}/`));
  return isFolder ? { mode: 0o040000, type: 'tree', object: {} } : null;
}

/** Text of another encoding is shown as UTF-8, whatever its bytes are. */
function blob(content: Uint8Array) {
  const isBinary = content.includes(0);
  const isTruncated = content.length > LARGEST_TEXT_BYTES;
  const text = isBinary ? null : Buffer.from(content.subarray(0, LARGEST_TEXT_BYTES)).toString('utf8');
  return { byteSize: content.length, isTruncated, text };
}

function checks({ state }: StandInCall, variables: Record<string, unknown>): StandInAnswer {
  const ids = variables['checks'] as readonly string[];
  const errors: GraphqlError[] = [];
  const nodes = ids.map((id, i) => {
    const annotations = annotationsOf(state.all(), Number(id.replace(/^CR_/, '')));
    if (annotations !== null) return { id, annotations: { nodes: annotations.slice(0, 50).map(shown) } };
    const message = `Could not resolve to a node with the global id of '${id}'`;
    errors.push({ type: 'NOT_FOUND', path: ['nodes', i], message });
    return null;
  });
  return answer({ nodes }, errors);
}

function annotationsOf(
  repositories: readonly RepositoryState[],
  jobId: number,
): readonly AnnotationSeed[] | null {
  for (const repository of repositories) {
    const job = repository.findJob(jobId)?.job;
    if (job) return job.annotations ?? [];
  }
  return null;
}

function shown(annotation: AnnotationSeed) {
  return {
    path: annotation.path,
    title: annotation.title ?? null,
    message: annotation.message,
    annotationLevel: (annotation.annotation_level ?? 'failure').toUpperCase(),
    location: {
      start: { line: annotation.start_line },
      end: { line: annotation.end_line ?? annotation.start_line },
    },
  };
}
