/** What a statement over `background_jobs j` answers so that its rows are domain jobs. */
export const JOB_COLUMNS = `j.id, j.kind, j.project_id AS "projectId", j.document_id AS "documentId", j.state, j.done, j.total,
  j.attempts, j.error, j.sequence, j.created_at AS "createdAt", j.started_at AS "startedAt",
  j.finished_at AS "finishedAt", j.updated_at AS "updatedAt",
  (SELECT d.title FROM documents d WHERE d.id = j.document_id) AS title`;
