import type { FailureCategory, PatternSummary } from '@app/domain';

/** A row of `SUMMARIES`. */
export interface PatternSummaryRow extends Omit<PatternSummary, 'repository' | 'diagnosis'> {
  readonly category: FailureCategory;
  readonly host: string;
  readonly owner: string;
  readonly name: string;
  readonly diagnosis:
    (Omit<NonNullable<PatternSummary['diagnosis']>, 'createdAt'> & { createdAt: string }) | null;
}

/**
 * What is known of the patterns that the query `p` chose. A fingerprint that was merged brings what was learned under it
 * to the pattern it went to.
 */
export function summariesOf(chosen: string): string {
  return `SELECT p.id, p.project_id AS "projectId", p.fingerprint, p.signature, p.category, p.occurrences,
      p.first_seen_at AS "firstSeenAt", p.last_seen_at AS "lastSeenAt", p.diagnosis_id AS "diagnosisId",
      p.muted_at AS "mutedAt", p.muted_by AS "mutedBy", p.mute_reason AS "muteReason",
      project.host, project.owner, project.name,
      (SELECT count(*)::integer FROM incidents i WHERE i.pattern_id = p.id) AS incidents,
      repaired.passes, repaired.same AS "passesOnSameCommit",
      ARRAY(SELECT m.fingerprint FROM patterns m WHERE m.merged_into = p.id ORDER BY m.fingerprint)
        AS "mergedFingerprints",
      CASE WHEN d.id IS NOT NULL THEN jsonb_build_object('id', d.id, 'source', d.source,
        'rootCause', d.root_cause->>'primaryCause', 'solution', d.solution->>'summary', 'createdAt', d.created_at) END
        AS diagnosis
    FROM (${chosen}) AS p
    JOIN projects project ON project.id = p.project_id
    LEFT JOIN diagnoses d ON d.id = p.diagnosis_id AND d.invalidated_at IS NULL
    CROSS JOIN LATERAL (
      SELECT count(DISTINCT r.incident_id)::integer AS passes,
        (count(DISTINCT r.incident_id) FILTER (WHERE r.same_commit))::integer AS same
      FROM repairs r WHERE r.pattern_id = p.id OR r.pattern_id IN (SELECT id FROM patterns WHERE merged_into = p.id)
    ) AS repaired
    ORDER BY p.last_seen_at DESC, p.id DESC`;
}

export function toPatternSummary(row: PatternSummaryRow): PatternSummary {
  const { host, owner, name, diagnosis, ...rest } = row;
  return {
    ...rest,
    repository: { host, owner, name },
    diagnosis: diagnosis && { ...diagnosis, createdAt: new Date(diagnosis.createdAt) },
  };
}
