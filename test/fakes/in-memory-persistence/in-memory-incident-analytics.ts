import {
  boundsBefore,
  boundsOf,
  bucketsOf,
  repositoryName,
  type AnalyticsGroup,
  type AnalyticsGrouping,
  type AnalyticsOverview,
  type AnalyticsScope,
  type Bounds,
  type Durations,
  type FlakyPattern,
  type GroupOrder,
  type IncidentAnalytics,
  type RunCount,
  type TrendBucket,
  type TrendInterval,
} from '@app/domain';
import type { IncidentRow, MemoryStore } from './store.js';

/** Ends of runs that say something of the commit. */
export const TELLING_ENDS = ['success', 'failure', 'timed_out', 'startup_failure'];

export class InMemoryIncidentAnalytics implements IncidentAnalytics {
  constructor(private readonly store: MemoryStore) {}

  async overview(scope: AnalyticsScope): Promise<AnalyticsOverview> {
    const bounds = this.boundsOf(scope);
    const rows = this.incidents(scope, bounds);
    const shown = rows.filter(({ diagnosisId }) => diagnosisId !== null);
    return {
      ...bounds,
      ...countsOf(rows),
      openedBefore: this.incidents(scope, boundsBefore(bounds)).length,
      resolved: rows.filter(({ status }) => status === 'resolved').length,
      proven: rows.filter((row) => passedAt(row) !== null).length,
      opened: rows.length,
      diagnosed: shown.length,
      reused: shown.filter(({ id, diagnosisId }) => this.store.shown.get(`${id}:${diagnosisId}`)?.reused)
        .length,
      ...this.durations(rows),
      runs: this.runs(scope, bounds),
      baseline: this.runs(scope, boundsBefore(bounds)),
    };
  }

  async trends(scope: AnalyticsScope, interval: TrendInterval): Promise<readonly TrendBucket[]> {
    const bounds = this.boundsOf(scope);
    const starts = bucketsOf(bounds, interval);
    return starts.map((from, index) => {
      const to = starts[index + 1] ?? bounds.to;
      const within = { from: index === 0 ? bounds.from : from, to: to < bounds.to ? to : bounds.to };
      const rows = this.incidents(scope, within);
      const { occurrences } = countsOf(rows);
      const proven = rows.filter((row) => passedAt(row) !== null).length;
      const runs = this.runs(scope, within);
      return { from, opened: rows.length, occurrences, proven, ...this.durations(rows), ...runs };
    });
  }

  async groups(
    scope: AnalyticsScope,
    by: AnalyticsGrouping,
    order: GroupOrder,
    limit: number,
  ): Promise<readonly AnalyticsGroup[]> {
    const groups = new Map<string, IncidentRow[]>();
    for (const row of this.incidents(scope, this.boundsOf(scope))) {
      if (by === 'pattern' && row.patternId === null) continue;
      const key = JSON.stringify(keyOf(row, by));
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    const made = [...groups].map(([key, rows]) => {
      const [projectId, value] = JSON.parse(key) as [string | null, string | null];
      const pattern = by === 'pattern' ? this.store.patterns.get(value!)! : null;
      const diagnosis = this.store.diagnoses.get(pattern?.diagnosisId ?? '');
      const group: AnalyticsGroup = {
        projectId,
        repository:
          projectId === null ? null : repositoryName(this.store.projects.get(projectId)!.repository),
        value: pattern ? pattern.fingerprint : value,
        category: pattern?.category ?? null,
        rootCause:
          diagnosis && !this.store.invalidated.has(diagnosis.id) ? diagnosis.rootCause.primaryCause : null,
        incidents: rows.length,
        ...countsOf(rows),
        lastFailedAt: new Date(Math.max(...rows.map(({ lastFailedAt }) => lastFailedAt.getTime()))),
        ...this.durations(rows),
      };
      return { group, value };
    });
    const repair = ({ group }: (typeof made)[number]) => group.timeToRepair.medianMs ?? -1;
    return made
      .toSorted(
        (a, b) =>
          (order === 'repair' ? repair(b) - repair(a) : 0) ||
          b.group.occurrences - a.group.occurrences ||
          b.group.incidents - a.group.incidents ||
          compare(a.value ?? '\uffff', b.value ?? '\uffff') ||
          compare(a.group.projectId ?? '', b.group.projectId ?? ''),
      )
      .slice(0, limit)
      .map(({ group }) => group);
  }

  async flaky(scope: AnalyticsScope, limit: number): Promise<readonly FlakyPattern[]> {
    const { from, to } = this.boundsOf(scope);
    const families = new Map<string, typeof this.store.repairs>();
    for (const repair of this.store.repairs) {
      const pattern = this.store.patterns.get(repair.patternId ?? '');
      if (!pattern || repair.passedAt < from || repair.passedAt >= to || !isIn(scope, pattern.projectId))
        continue;
      const id = pattern.mergedInto ?? pattern.id;
      families.set(id, [...(families.get(id) ?? []), repair]);
    }
    return [...families]
      .map(([id, repairs]) => {
        const { projectId, fingerprint, signature, category } = this.store.patterns.get(id)!;
        const incidents = (rows: typeof repairs) => new Set(rows.map(({ incidentId }) => incidentId)).size;
        return {
          projectId,
          repository: repositoryName(this.store.projects.get(projectId)!.repository),
          fingerprint,
          signature,
          category,
          passes: incidents(repairs),
          passesOnSameCommit: incidents(repairs.filter(({ sameCommit }) => sameCommit)),
          lastPassedAt: new Date(Math.max(...repairs.map((repair) => repair.passedAt.getTime()))),
        };
      })
      .filter(({ passesOnSameCommit }) => passesOnSameCommit > 0)
      .toSorted(
        (a, b) =>
          b.passesOnSameCommit - a.passesOnSameCommit ||
          a.passes - b.passes ||
          compare(a.fingerprint, b.fingerprint) ||
          compare(a.projectId, b.projectId),
      )
      .slice(0, limit);
  }

  private boundsOf({ period }: AnalyticsScope): Bounds {
    return boundsOf(period, this.store.clock.now());
  }

  private incidents(scope: AnalyticsScope, { from, to }: Bounds): IncidentRow[] {
    return [...this.store.incidents.values()].filter(
      ({ projectId, openedAt }) => isIn(scope, projectId) && openedAt >= from && openedAt < to,
    );
  }

  private runs(scope: AnalyticsScope, { from, to }: Bounds): RunCount {
    const isWithin = (projectId: string, at: Date | null) =>
      isIn(scope, projectId) && at !== null && at >= from && at < to;
    const ends = [...this.store.runAttempts.values()].filter(
      ({ projectId, endedAt, conclusion }) =>
        isWithin(projectId, endedAt) && TELLING_ENDS.includes(conclusion),
    );
    const days = [...this.store.runDays.values()].filter(({ projectId, day }) => isWithin(projectId, day));
    return {
      runs: ends.length + days.reduce((sum, { runs }) => sum + runs, 0),
      failed:
        ends.filter(({ conclusion }) => conclusion !== 'success').length +
        days.reduce((sum, { failed }) => sum + failed, 0),
    };
  }

  private durations(rows: readonly IncidentRow[]): { timeToDiagnosis: Durations; timeToRepair: Durations } {
    const toDiagnosis = rows.map((row) => {
      const times = [...this.store.shown]
        .filter(([key]) => key.startsWith(`${row.id}:`))
        .map(([, { at }]) => at.getTime());
      return times.length === 0 ? null : Math.min(...times) - row.openedAt.getTime();
    });
    const toRepair = rows.map((row) => {
      const failures = this.store.occurrences.filter(({ incidentId }) => incidentId === row.id);
      const passed = passedAt(row);
      return passed && passed.getTime() - Math.min(...failures.map(({ failedAt }) => failedAt.getTime()));
    });
    return { timeToDiagnosis: durationsOf(toDiagnosis), timeToRepair: durationsOf(toRepair) };
  }
}

function isIn({ projectIds }: AnalyticsScope, projectId: string): boolean {
  return projectIds === null || projectIds.includes(projectId);
}

function keyOf(row: IncidentRow, by: AnalyticsGrouping): [projectId: string | null, value: string | null] {
  const values = {
    project: row.projectId,
    category: row.category,
    branch: row.branch,
    job: row.jobName,
    pattern: row.patternId,
  };
  return [by === 'category' ? null : row.projectId, values[by]];
}

function countsOf(rows: readonly IncidentRow[]): { occurrences: number; open: number } {
  return {
    occurrences: rows.reduce((sum, { occurrences }) => sum + occurrences, 0),
    open: rows.filter(({ status }) => status !== 'resolved' && status !== 'ignored').length,
  };
}

function passedAt({ status, verifiedBy }: IncidentRow): Date | null {
  return status === 'resolved' ? (verifiedBy?.passedAt ?? null) : null;
}

/** By nearest rank. */
function durationsOf(times: readonly (number | null)[]): Durations {
  const known = times.filter((ms) => ms !== null).map((ms) => Math.max(0, ms));
  const sorted = known.toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { count: sorted.length, medianMs: rank(0.5), p90Ms: rank(0.9) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
