import { blobSha, commitOf, treeShaOf, type CommitState } from '../state/commit-state.js';
import type { RepositoryState } from '../state/repository-state.js';
import { NOT_FOUND, ok, refused, repositoryEndpoint, type StandInCall } from '../stand-in-route.js';

type Files = ReadonlyMap<string, Uint8Array>;

interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly content: string;
}

/** Git's objects and refs. https://docs.github.com/rest/git */
export const GIT_ROUTES = [
  repositoryEndpoint('git_ref', 'GET /git/ref/{ref+}', (call, repository) => {
    const ref = `refs/${call.params['ref']}`;
    const sha = repository.refs.get(ref);
    return sha === undefined ? NOT_FOUND : ok({ ref, object: { type: 'commit', sha } });
  }),
  repositoryEndpoint('git_commit', 'GET /git/commits/{sha}', (call, repository) => {
    const commit = repository.commits.get(call.params['sha']!);
    return commit ? ok(commitPayload(commit)) : NOT_FOUND;
  }),
  repositoryEndpoint('git_tree', 'GET /git/trees/{sha}', (call, repository) => {
    const found = findTree(call, repository, call.params['sha']!);
    if (!found) return NOT_FOUND;
    const { modes } = call.state.writes.of(repository.fullName);
    return ok({
      sha: call.params['sha'],
      tree: listing(found.files, (path) => modes.get(found.prefix + path)),
      truncated: false,
    });
  }),
  repositoryEndpoint('git_blob', 'GET /git/blobs/{sha}', (call, repository) => {
    for (const files of allTrees(call, repository))
      for (const content of files.values())
        if (blobSha(content) === call.params['sha'])
          return ok({
            content: Buffer.from(content).toString('base64'),
            encoding: 'base64',
            size: content.length,
          });
    return NOT_FOUND;
  }),
  repositoryEndpoint('create_tree', 'POST /git/trees', (call, repository) => {
    const base = findTree(call, repository, String(call.body['base_tree']));
    if (!base) return refused(422, 'base_tree is not a valid tree oid');
    const files = new Map(base.files);
    for (const { path, content } of call.body['tree'] as TreeEntry[]) files.set(path, Buffer.from(content));
    const sha = treeShaOf(files);
    call.state.writes.of(repository.fullName).trees.set(sha, files);
    call.state.writes.note('tree_created', repository.fullName, sha);
    return { status: 201, body: { sha, tree: listing(files, () => undefined) } };
  }),
  repositoryEndpoint('create_commit', 'POST /git/commits', (call, repository) => {
    const tree = findTree(call, repository, String(call.body['tree']));
    if (!tree) return refused(422, 'Tree SHA does not exist');
    const commit = commitOf({
      message: String(call.body['message']),
      author: 'devflowfix[bot]',
      parents: call.body['parents'] as string[],
      at: new Date(),
      files: Object.fromEntries(tree.files),
    });
    repository.commits.set(commit.sha, commit);
    call.state.writes.note('commit_created', repository.fullName, commit.sha);
    return { status: 201, body: commitPayload(commit) };
  }),
  repositoryEndpoint('create_ref', 'POST /git/refs', (call, repository) => {
    const ref = String(call.body['ref']);
    const sha = String(call.body['sha']);
    if (repository.refs.has(ref)) return refused(422, 'Reference already exists');
    if (!repository.commits.has(sha)) return refused(422, 'Object does not exist');
    repository.refs.set(ref, sha);
    call.state.writes.note('ref_created', repository.fullName, ref.replace('refs/heads/', ''));
    return { status: 201, body: { ref, object: { type: 'commit', sha } } };
  }),
];

function commitPayload({ sha, message, treeSha, parents }: CommitState) {
  return { sha, message, tree: { sha: treeSha }, parents: parents.map((parent) => ({ sha: parent })) };
}

function allTrees(call: StandInCall, repository: RepositoryState): Files[] {
  const { trees } = call.state.writes.of(repository.fullName);
  return [...[...repository.commits.values()].map(({ files }) => files), ...trees.values()];
}

/** A whole tree or a folder of one, with the folder's path. */
function findTree(call: StandInCall, repository: RepositoryState, sha: string) {
  for (const files of allTrees(call, repository)) {
    const folders = new Set(['', ...[...files.keys()].flatMap(foldersOf)]);
    for (const prefix of folders) {
      const below = under(files, prefix);
      if (treeShaOf(below) === sha) return { prefix, files: below };
    }
  }
  return undefined;
}

/** `a/b/c.ts` → `a/`, `a/b/` */
function foldersOf(path: string): string[] {
  const segments = path.split('/').slice(0, -1);
  return segments.map((_, depth) => `${segments.slice(0, depth + 1).join('/')}/`);
}

function under(files: Files, prefix: string): Files {
  return new Map(
    [...files]
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, content]) => [path.slice(prefix.length), content]),
  );
}

function listing(files: Files, modeOf: (path: string) => string | undefined) {
  const names = new Set([...files.keys()].map((path) => path.split('/')[0]!));
  return [...names].map((name) => {
    const content = files.get(name);
    return content === undefined
      ? { path: name, mode: '040000', type: 'tree', sha: treeShaOf(under(files, `${name}/`)) }
      : { path: name, mode: modeOf(name) ?? '100644', type: 'blob', sha: blobSha(content) };
  });
}
