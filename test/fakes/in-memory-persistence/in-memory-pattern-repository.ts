import { randomUUID } from 'node:crypto';
import {
  IncidentNotFound,
  type Determinism,
  type Diagnosis,
  type FailurePattern,
  type PatternRef,
  type PatternRepository,
  type PatternSighting,
} from '@app/domain';
import { copy, toPattern, type MemoryStore, type PatternRow } from './store.js';

export class InMemoryPatternRepository implements PatternRepository {
  constructor(private readonly store: MemoryStore) {}

  async recordSighting(sighting: PatternSighting): Promise<FailurePattern> {
    const incident = this.store.incidents.get(sighting.incidentId);
    const occurrence = this.store.occurrences.find(
      ({ incidentId, attempt }) => incidentId === sighting.incidentId && attempt === sighting.attempt,
    );
    if (!incident || !occurrence) throw new IncidentNotFound(sighting.incidentId);

    const pattern = this.pattern(sighting);
    if (occurrence.patternId !== pattern.id) {
      // A changed analysis moves the occurrence to its new pattern: it is still one.
      const before = occurrence.patternId === null ? null : this.store.patterns.get(occurrence.patternId);
      if (before) before.occurrences -= 1;
      pattern.occurrences += 1;
      occurrence.patternId = pattern.id;
    }
    occurrence.fingerprint = sighting.fingerprint;
    if (pattern.fingerprint === sighting.fingerprint) pattern.category = sighting.category;
    if (sighting.seenAt < pattern.firstSeenAt) pattern.firstSeenAt = sighting.seenAt;
    if (sighting.seenAt > pattern.lastSeenAt) pattern.lastSeenAt = sighting.seenAt;

    if (sighting.attempt === incident.latestAttempt) {
      incident.fingerprint = pattern.fingerprint;
      incident.patternId = pattern.id;
      incident.category = sighting.category;
      incident.subcategory = sighting.subcategory;
      incident.determinism = sighting.determinism as Determinism;
      incident.confidence = sighting.confidence;
    }
    return toPattern(pattern);
  }

  async findDiagnosis(pattern: PatternRef, analyst: string): Promise<Diagnosis | null> {
    const id = this.store.patterns.get(pattern.id)?.diagnosisId;
    const diagnosis = id && !this.store.invalidated.has(id) ? this.store.diagnoses.get(id) : undefined;
    return diagnosis?.analyst === analyst ? copy(diagnosis) : null;
  }

  async invalidateDiagnosis(pattern: PatternRef): Promise<void> {
    const id = this.store.patterns.get(pattern.id)?.diagnosisId;
    if (id) this.store.invalidated.add(id);
  }

  async find(projectId: string, fingerprint: string): Promise<FailurePattern | null> {
    const row = this.lookUp(projectId, fingerprint);
    return row ? toPattern(row) : null;
  }

  /** A fingerprint that was merged is the pattern it went to. */
  private lookUp(projectId: string, fingerprint: string): PatternRow | undefined {
    const row = [...this.store.patterns.values()].find(
      (pattern) => pattern.projectId === projectId && pattern.fingerprint === fingerprint,
    );
    return row?.mergedInto ? this.store.patterns.get(row.mergedInto) : row;
  }

  private pattern(sighting: PatternSighting): PatternRow {
    const { projectId, fingerprint, signature, category, seenAt } = sighting;
    const known = this.lookUp(projectId, fingerprint);
    if (known) return known;
    const pattern: PatternRow = {
      id: randomUUID(),
      projectId,
      fingerprint,
      signature,
      category,
      occurrences: 0,
      firstSeenAt: seenAt,
      lastSeenAt: seenAt,
      diagnosisId: null,
      mutedAt: null,
      mutedBy: null,
      muteReason: null,
      mergedInto: null,
    };
    this.store.patterns.set(pattern.id, pattern);
    return pattern;
  }
}
