import type { GithubPart } from '../../github-schema.js';
import type { CheckRunState } from '../state/write-state.js';
import { NOT_FOUND, ok, paged, refused, repositoryEndpoint, type StandInCall } from '../stand-in-route.js';
import type { RepositoryState } from '../state/repository-state.js';
import { linksOf } from './runs.js';

const ANNOTATIONS_A_CALL = 50;

interface Output {
  readonly title?: string;
  readonly summary?: string;
  readonly annotations?: unknown[];
}

/** Check runs that an App makes. */
export const CHECK_WRITE_ROUTES = [
  repositoryEndpoint('check_runs', 'GET /commits/{ref}/check-runs', (call, repository) => {
    const name = call.url.searchParams.get('check_name');
    const { checks } = call.state.writes.of(repository.fullName);
    const found = checks.filter(
      (check) => check.headSha === call.params['ref'] && (name === null || check.name === name),
    );
    return paged(call, found, (shown) => ({
      total_count: found.length,
      check_runs: shown.map((check) => payload(call, repository, check)),
    }));
  }),
  repositoryEndpoint('check_run', 'GET /check-runs/{id}', (call, repository) => {
    const check = find(call, repository);
    return check ? ok(payload(call, repository, check)) : NOT_FOUND;
  }),
  repositoryEndpoint('create_check', 'POST /check-runs', (call, repository) => {
    const output = (call.body['output'] ?? {}) as Output;
    const problem = problemOf(output);
    if (problem) return problem;
    const check: CheckRunState = {
      id: call.state.nextId(),
      name: String(call.body['name']),
      headSha: String(call.body['head_sha']),
      externalId: (call.body['external_id'] as string | undefined) ?? null,
      conclusion: (call.body['conclusion'] as string | undefined) ?? null,
      title: output.title ?? '',
      summary: output.summary ?? '',
      annotations: [...(output.annotations ?? [])],
    };
    call.state.writes.of(repository.fullName).checks.push(check);
    call.state.writes.note('check_created', repository.fullName, check.headSha);
    return { status: 201, body: payload(call, repository, check) };
  }),
  repositoryEndpoint('update_check', 'PATCH /check-runs/{id}', (call, repository) => {
    const check = find(call, repository);
    if (!check) return NOT_FOUND;
    const output = (call.body['output'] ?? {}) as Output;
    const problem = problemOf(output);
    if (problem) return problem;
    check.annotations.push(...(output.annotations ?? []));
    call.state.writes.note('check_updated', repository.fullName, check.headSha);
    return ok(payload(call, repository, check));
  }),
];

function problemOf({ annotations, title, summary }: Output) {
  if ((annotations?.length ?? 0) > ANNOTATIONS_A_CALL || !title || !summary)
    return refused(422, 'Invalid request.');
  return null;
}

function find(call: StandInCall, repository: RepositoryState): CheckRunState | undefined {
  const id = Number(call.params['id']);
  return call.state.writes.of(repository.fullName).checks.find((check) => check.id === id);
}

function payload(call: StandInCall, repository: RepositoryState, check: CheckRunState) {
  const { id, name, headSha, externalId, conclusion, title, summary, annotations } = check;
  return {
    id,
    name,
    head_sha: headSha,
    external_id: externalId,
    status: 'completed',
    conclusion,
    output: { title, summary, annotations_count: annotations.length },
    html_url: `${linksOf(call).webUrl}/${repository.fullName}/runs/${id}`,
  } satisfies GithubPart<'check-run', 'conclusion'>;
}
