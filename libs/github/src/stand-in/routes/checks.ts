import { NOT_FOUND, paged, repositoryEndpoint } from '../stand-in-route.js';

/** Annotations of check runs; a job's check run has the job's id. */
export const CHECK_ROUTES = [
  repositoryEndpoint('annotations', 'GET /check-runs/{check_run_id}/annotations', (call, repository) => {
    const job = repository.findJob(Number(call.params['check_run_id']))?.job;
    if (!job) return NOT_FOUND;
    return paged(
      call,
      (job.annotations ?? []).map((annotation) => ({
        start_column: null,
        end_column: null,
        title: null,
        raw_details: null,
        blob_href: '',
        annotation_level: 'failure',
        end_line: annotation.start_line,
        ...annotation,
      })),
    );
  }),
];
