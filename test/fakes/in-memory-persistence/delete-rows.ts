import type { MemoryStore } from './store.js';

/** Deletes incidents with all that hangs on them; what shows a diagnosis of theirs shows none then. */
export function deleteIncidents(store: MemoryStore, ids: ReadonlySet<string>): void {
  const gone = new Set(
    [...store.diagnoses.values()].filter(({ incidentId }) => ids.has(incidentId)).map(({ id }) => id),
  );
  for (const id of gone) deleteDiagnosis(store, id);
  for (const id of ids) {
    store.incidents.delete(id);
    store.embeddings.delete(id);
    for (const key of store.logs.keys()) if (key.startsWith(`${id}:`)) store.logs.delete(key);
    for (const key of store.shown.keys()) if (key.startsWith(`${id}:`)) store.shown.delete(key);
    for (const [key, workflow] of store.workflows)
      if (workflow.incidentId === id) store.workflows.delete(key);
    for (const [key, channel] of store.channels) if (channel.incidentId === id) deleteChannel(store, key);
    for (const action of store.actions.values()) if (action.incidentId === id) action.incidentId = null;
  }
  store.occurrences = store.occurrences.filter(({ incidentId }) => !ids.has(incidentId));
  store.events = store.events.filter(({ incidentId }) => !ids.has(incidentId));
  store.repairs = store.repairs.filter(({ incidentId }) => !ids.has(incidentId));
  store.feedback = store.feedback.map((given) =>
    ids.has(given.incidentId ?? '') ? { ...given, incidentId: null } : given,
  );
  store.likelyFixes = store.likelyFixes.map((fix) =>
    ids.has(fix.incidentId ?? '') ? { ...fix, incidentId: null } : fix,
  );
}

export function deletePattern(store: MemoryStore, id: string): void {
  store.patterns.delete(id);
  for (const diagnosis of store.diagnoses.values())
    if (diagnosis.patternId === id) deleteDiagnosis(store, diagnosis.id);
  store.patternEvents = store.patternEvents.filter(({ patternId }) => patternId !== id);
  store.feedback = store.feedback.filter(({ patternId }) => patternId !== id);
  store.likelyFixes = store.likelyFixes.filter(({ patternId }) => patternId !== id);
  store.repairs = store.repairs.filter(({ patternId }) => patternId !== id);
}

export function deleteChannel(store: MemoryStore, id: string): void {
  store.channels.delete(id);
  store.messages = store.messages.filter(({ channelId }) => channelId !== id);
}

function deleteDiagnosis(store: MemoryStore, id: string): void {
  store.diagnoses.delete(id);
  store.invalidated.delete(id);
  for (const key of store.shown.keys()) if (key.endsWith(`:${id}`)) store.shown.delete(key);
  for (const row of store.incidents.values()) if (row.diagnosisId === id) row.diagnosisId = null;
  for (const row of store.patterns.values()) if (row.diagnosisId === id) row.diagnosisId = null;
}
