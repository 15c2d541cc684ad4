import {
  InvalidInput,
  PatternNotFound,
  type LikelyFix,
  type Page,
  type PatternCatalog,
  type PatternEvent,
  type PatternFilter,
  type PatternRef,
  type PatternSignature,
  type PatternSummary,
} from '@app/domain';
import { copy, toPattern, type MemoryStore, type PatternRow } from './store.js';

export class InMemoryPatternCatalog implements PatternCatalog {
  constructor(private readonly store: MemoryStore) {}

  async list(filter: PatternFilter, limit: number, cursor: string | null): Promise<Page<PatternSummary>> {
    const after = cursor === null ? null : this.decode(cursor);
    const rows = this.newestFirst((pattern) => {
      const { projectId, category, mutedAt, occurrences } = pattern;
      return (
        (filter.projectIds?.includes(projectId) ?? true) &&
        (filter.category?.includes(category) ?? true) &&
        (filter.muted === undefined || (mutedAt !== null) === filter.muted) &&
        occurrences >= (filter.minOccurrences ?? 0)
      );
    });
    const start = after === null ? 0 : rows.findIndex(({ id }) => id === after) + 1;
    const items = rows.slice(start, start + limit);
    const nextCursor = rows.length > start + limit ? encode(items.at(-1)!.id) : null;
    return { items: items.map((row) => this.summary(row)), nextCursor };
  }

  async withFingerprint(
    fingerprint: string,
    projectIds: readonly string[] | undefined,
  ): Promise<readonly PatternSummary[]> {
    const ids = [...this.store.patterns.values()]
      .filter((row) => row.fingerprint === fingerprint && (projectIds?.includes(row.projectId) ?? true))
      .map((row) => row.mergedInto ?? row.id);
    return this.newestFirst(({ id }) => ids.includes(id)).map((row) => this.summary(row));
  }

  async signatures(projectId: string, limit: number): Promise<readonly PatternSignature[]> {
    return this.newestFirst((row) => row.projectId === projectId)
      .slice(0, limit)
      .map(({ id, fingerprint, signature, occurrences, lastSeenAt }) => ({
        id,
        projectId,
        fingerprint,
        signature,
        occurrences,
        lastSeenAt: copy(lastSeenAt),
      }));
  }

  async history(patternId: string): Promise<readonly PatternEvent[]> {
    return copy(
      this.store.patternEvents
        .filter((event) => event.patternId === patternId)
        .map(({ at, kind, by, facts }) => ({ at, kind, by, facts })),
    );
  }

  async likelyFixes(patternId: string, limit: number): Promise<readonly LikelyFix[]> {
    const family = this.family(patternId);
    return copy(
      this.store.likelyFixes
        .filter((fix) => family.includes(fix.patternId))
        .toReversed()
        .slice(0, limit)
        .map(({ incidentId, redSha, greenSha, commits, totalCommits, files, url, foundAt }) => ({
          incidentId,
          redSha,
          greenSha,
          commits,
          totalCommits,
          files,
          url,
          foundAt,
        })),
    );
  }

  async setMuted(
    patternId: string,
    { muted, reason, by }: { muted: boolean; reason: string | null; by: string },
  ): Promise<boolean> {
    const row = this.store.patterns.get(patternId);
    const newReason = muted ? reason : null;
    if (!row || ((row.mutedAt !== null) === muted && row.muteReason === newReason)) return false;
    row.mutedAt = muted ? this.store.clock.now() : null;
    row.mutedBy = muted ? by : null;
    row.muteReason = newReason;
    this.note(patternId, muted ? 'muted' : 'unmuted', by, { reason: newReason });
    return true;
  }

  async merge(
    projectId: string,
    { source, target, by }: { source: string; target: string; by: string },
  ): Promise<void> {
    const from = this.row(projectId, source);
    const to = this.row(projectId, target);
    if (from.id === to.id) throw new InvalidInput('One pattern.');
    if (to.mergedInto !== null || from.mergedInto !== null) throw new InvalidInput('Merged already.');
    for (const row of this.store.patterns.values()) if (row.mergedInto === from.id) row.mergedInto = to.id;
    to.occurrences += from.occurrences;
    if (from.firstSeenAt < to.firstSeenAt) to.firstSeenAt = from.firstSeenAt;
    if (from.lastSeenAt > to.lastSeenAt) to.lastSeenAt = from.lastSeenAt;
    from.occurrences = 0;
    from.mergedInto = to.id;
    for (const row of this.store.occurrences) if (row.patternId === from.id) row.patternId = to.id;
    for (const row of this.store.incidents.values()) {
      if (row.patternId === from.id) Object.assign(row, { patternId: to.id, fingerprint: to.fingerprint });
    }
    for (const { id } of [from, to]) this.note(id, 'merged', by, { source, target });
  }

  async unmerge(
    projectId: string,
    { fingerprint, by }: { fingerprint: string; by: string },
  ): Promise<PatternRef> {
    const source = this.row(projectId, fingerprint);
    if (source.mergedInto === null) throw new PatternNotFound(fingerprint);
    const target = this.store.patterns.get(source.mergedInto)!;
    source.mergedInto = null;
    for (const row of this.store.occurrences) {
      if (row.patternId !== target.id || row.fingerprint !== fingerprint) continue;
      row.patternId = source.id;
      const incident = this.store.incidents.get(row.incidentId);
      if (incident?.latestAttempt === row.attempt)
        Object.assign(incident, { patternId: source.id, fingerprint });
    }
    for (const row of [source, target]) this.recount(row);
    for (const { id } of [source, target]) this.note(id, 'unmerged', by, { fingerprint });
    return { id: target.id, projectId, fingerprint: target.fingerprint };
  }

  private recount(row: PatternRow): void {
    const times = this.store.occurrences
      .filter(({ patternId }) => patternId === row.id)
      .map(({ failedAt }) => failedAt.getTime());
    row.occurrences = times.length;
    if (times.length === 0) return;
    row.firstSeenAt = new Date(Math.min(...times));
    row.lastSeenAt = new Date(Math.max(...times));
  }

  private note(
    patternId: string,
    kind: PatternEvent['kind'],
    by: string,
    facts: Record<string, unknown>,
  ): void {
    this.store.patternEvents.push({ patternId, at: this.store.clock.now(), kind, by, facts });
  }

  private row(projectId: string, fingerprint: string): PatternRow {
    const found = [...this.store.patterns.values()].find(
      (row) => row.projectId === projectId && row.fingerprint === fingerprint,
    );
    if (!found) throw new PatternNotFound(fingerprint);
    return found;
  }

  private newestFirst(isChosen: (row: PatternRow) => boolean): PatternRow[] {
    return [...this.store.patterns.values()]
      .filter((row) => row.mergedInto === null && isChosen(row))
      .toSorted((a, b) => b.lastSeenAt.getTime() - a.lastSeenAt.getTime() || (a.id < b.id ? 1 : -1));
  }

  private family(patternId: string): string[] {
    return [...this.store.patterns.values()]
      .filter((row) => row.id === patternId || row.mergedInto === patternId)
      .map(({ id }) => id);
  }

  private summary(row: PatternRow): PatternSummary {
    const { muteReason, mutedBy } = row;
    const family = this.family(row.id);
    const repairs = this.store.repairs.filter(
      ({ patternId }) => patternId !== null && family.includes(patternId),
    );
    const incidentsOf = (rows: typeof repairs) => new Set(rows.map(({ incidentId }) => incidentId)).size;
    const diagnosis = this.store.diagnoses.get(row.diagnosisId ?? '');
    const isValid = diagnosis && !this.store.invalidated.has(diagnosis.id);
    return copy({
      ...toPattern(row),
      repository: this.store.projects.get(row.projectId)!.repository,
      incidents: [...this.store.incidents.values()].filter(({ patternId }) => patternId === row.id).length,
      passes: incidentsOf(repairs),
      passesOnSameCommit: incidentsOf(repairs.filter(({ sameCommit }) => sameCommit)),
      muteReason,
      mutedBy,
      mergedFingerprints: [...this.store.patterns.values()]
        .filter(({ mergedInto }) => mergedInto === row.id)
        .map(({ fingerprint }) => fingerprint)
        .toSorted(),
      diagnosis: isValid
        ? {
            id: diagnosis.id,
            source: diagnosis.source,
            rootCause: diagnosis.rootCause.primaryCause,
            solution: diagnosis.solution.summary,
            createdAt: diagnosis.createdAt,
          }
        : null,
    });
  }

  private decode(cursor: string): string {
    const id = Buffer.from(cursor, 'base64url').toString();
    if (!this.store.patterns.has(id)) throw new InvalidInput('The cursor is not one that a list gave.');
    return id;
  }
}

function encode(id: string): string {
  return Buffer.from(id).toString('base64url');
}
