import type { GithubPart } from '../../github-schema.js';
import { blobSha } from '../state/commit-state.js';
import { NOT_FOUND, ok, repositoryEndpoint } from '../stand-in-route.js';
import { linksOf } from './runs.js';

/** GitHub answers larger files without their content. https://docs.github.com/rest/repos/contents */
const LARGEST_INLINE_BYTES = 1_048_576;

/** Files and folders at a commit. */
export const CONTENT_ROUTES = [
  repositoryEndpoint('contents', 'GET /contents/{path+}', (call, repository) => {
    const commit = repository.findCommit(call.url.searchParams.get('ref') ?? '');
    if (!commit) return NOT_FOUND;
    const path = call.params['path']!;
    const content = commit.files.get(path);
    if (content !== undefined) return ok(filePayload(path, content, linksOf(call).apiUrl));
    const below = [...commit.files].filter(([name]) => name.startsWith(`${path}/`));
    if (below.length === 0) return NOT_FOUND;
    return ok(
      below.map(([name, file]) => ({ ...filePayload(name, file, linksOf(call).apiUrl), content: undefined })),
    );
  }),
];

function filePayload(path: string, content: Uint8Array, apiUrl: string) {
  const inline = content.length <= LARGEST_INLINE_BYTES;
  return {
    type: 'file',
    name: path.split('/').at(-1),
    path,
    sha: blobSha(content),
    size: content.length,
    encoding: inline ? 'base64' : 'none',
    content: inline
      ? Buffer.from(content)
          .toString('base64')
          .replaceAll(/(.{60})/g, '$1\n')
      : '',
    url: `${apiUrl}/contents/${path}`,
  } satisfies GithubPart<'content-file'>;
}
