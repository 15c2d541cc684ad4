import type {
  ArchivedLog,
  Diagnosis,
  DiagnosisRepository,
  Incident,
  IncidentDiagnosis,
  IncidentRepository,
  LogArchive,
  LogReport,
} from '@app/domain';

/** An incident with what was found out about it. */
export interface FailedIncident {
  readonly incident: Incident;
  readonly diagnosis: Diagnosis | null;
  /** The lines it rests on, checked; the decisive first. */
  readonly quotes: readonly string[];
  readonly report: LogReport | null;
}

/** Where incidents are read with what was found out about them. */
export interface IncidentStores {
  readonly incidents: IncidentRepository;
  readonly diagnoses: DiagnosisRepository;
  readonly logs: LogArchive;
}

/** @throws IncidentNotFound */
export async function readIncident(stores: IncidentStores, id: string): Promise<FailedIncident> {
  return withFindings(stores, await stores.incidents.get(id));
}

export async function withFindings(stores: IncidentStores, incident: Incident): Promise<FailedIncident> {
  const [shown, log] = await Promise.all([
    stores.diagnoses.ofIncident(incident.id),
    stores.logs.find(incident.id, incident.latestAttempt),
  ]);
  return assembled(incident, shown, log);
}

function assembled(
  incident: Incident,
  shown: IncidentDiagnosis | null,
  log: ArchivedLog | null,
): FailedIncident {
  return {
    incident,
    // What a person called wrong is nothing to act on.
    diagnosis: shown && !shown.contradicted ? shown.diagnosis : null,
    quotes: (shown?.citations ?? []).map(({ quote }) => quote),
    report: log?.report ?? null,
  };
}

/** What caused the failure, as a sentence. The rules' own words are those about the log at hand. */
export function causeOf({ diagnosis, report, incident }: FailedIncident): string {
  if (diagnosis === null) return incident.statusReason ?? 'The cause is not known.';
  const own = diagnosis.source === 'rules' ? report?.verdict.rootCause : undefined;
  return own ?? diagnosis.rootCause.primaryCause;
}
