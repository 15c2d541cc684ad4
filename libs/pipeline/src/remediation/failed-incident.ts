import type {
  ArchivedLog,
  Diagnosis,
  DiagnosisBasis,
  DiagnosisRepository,
  Incident,
  IncidentDiagnosis,
  IncidentRepository,
  LogArchive,
  LogReport,
} from '@app/domain';
import { isOfPeople, wordsOfCause } from '../words-of-cause.js';

/** An incident with what was found out about it. */
export interface FailedIncident {
  readonly incident: Incident;
  readonly diagnosis: Diagnosis | null;
  /** The lines that its cause rests on, checked; the decisive first. None for a cause that people told. */
  readonly quotes: readonly string[];
  /** What the rules read in the log; null where people said that it is not the cause. */
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
  const report = log?.report ?? null;
  if (shown === null) return { incident, diagnosis: null, quotes: [], report };
  // What a person called wrong is nothing to act on, and neither is what it rested on.
  if (shown.contradicted) return { incident, diagnosis: null, quotes: [], report: null };
  const { diagnosis, citations } = shown;
  if (isOfPeople(diagnosis)) return { incident, diagnosis, quotes: [], report: null };
  return { incident, diagnosis, quotes: citations.map(({ quote }) => quote), report };
}

/** What caused the failure, as a sentence. */
export function causeOf({ diagnosis, report, incident }: FailedIncident): string {
  if (diagnosis === null) return incident.statusReason ?? 'The cause is not known.';
  return wordsOfCause(diagnosis, report);
}

/** The diagnosis that is in force, as what a plan is made from; null while there is none. */
export function basisOf({ diagnosis }: Pick<FailedIncident, 'diagnosis'>): DiagnosisBasis | null {
  return diagnosis && { diagnosisId: diagnosis.id, madeAt: diagnosis.createdAt };
}

/** Who found the cause, and what with, for people who are to rely on it. */
export function sourceOf({ source, rootCause }: Diagnosis): string {
  if (rootCause.statedBy === 'person') return 'The cause was told by a person.';
  return `Written by devflowfix from the log, by ${source === 'model' ? 'a language model' : 'rules'}.`;
}
