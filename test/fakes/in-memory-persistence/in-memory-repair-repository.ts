import {
  PROVEN_WEIGHT,
  type DueRepair,
  type LearnedRepair,
  type Repair,
  type RepairRepository,
} from '@app/domain';
import { copy, type MemoryStore, type RepairRow } from './store.js';

const TAKEN_UP_FOR_MS = 30 * 86_400_000;
const SAME_COMMIT_WEIGHT = 0.1;

export class InMemoryRepairRepository implements RepairRepository {
  constructor(private readonly store: MemoryStore) {}

  async takeUp(limit: number): Promise<number> {
    const now = this.store.clock.now();
    const proven = [...this.store.incidents.values()]
      .filter(({ id, status, verifiedBy, openedAt }) => {
        const isRecent = openedAt.getTime() > now.getTime() - TAKEN_UP_FOR_MS;
        const isKnown = verifiedBy && this.find({ incidentId: id, ...verifiedBy });
        return status === 'resolved' && verifiedBy !== null && isRecent && !isKnown;
      })
      .toSorted((a, b) => a.openedAt.getTime() - b.openedAt.getTime() || (a.id < b.id ? -1 : 1))
      .slice(0, limit);
    for (const row of proven) {
      const { runId, attempt, passedAt } = row.verifiedBy!;
      const isSameRun = runId === row.runId;
      const green = this.store.runs.get(`${row.projectId}/${runId}`)?.headSha ?? null;
      const sameCommit = isSameRun || (green !== null && green === row.headSha);
      this.store.repairs.push({
        incidentId: row.id,
        runId,
        attempt,
        passedAt,
        patternId: row.patternId,
        redSha: row.headSha,
        greenSha: isSameRun ? row.headSha : green,
        sameCommit,
        state: sameCommit ? 'learned' : 'due',
        tries: 0,
        dueAt: now,
        note: null,
      });
      const weight = sameCommit ? SAME_COMMIT_WEIGHT : PROVEN_WEIGHT;
      if (row.outcomeWeight > -1) row.outcomeWeight = Math.max(row.outcomeWeight, weight);
    }
    return proven.length;
  }

  async due(now: Date, limit: number): Promise<readonly DueRepair[]> {
    return this.store.repairs
      .filter(({ state, dueAt }) => state === 'due' && dueAt <= now)
      .toSorted((a, b) => a.dueAt.getTime() - b.dueAt.getTime() || (a.incidentId < b.incidentId ? -1 : 1))
      .slice(0, limit)
      .map(({ incidentId, runId, attempt, passedAt, patternId, redSha, greenSha, tries }) => {
        const { projectId, runId: failedRunId } = this.store.incidents.get(incidentId)!;
        const { repository } = this.store.projects.get(projectId)!;
        const repair = { incidentId, runId, attempt, passedAt, patternId, redSha, greenSha, tries };
        return copy({ ...repair, projectId, repository, failedRunId });
      });
  }

  async learn(repair: Repair, { greenSha, sameCommit, fix, note }: LearnedRepair): Promise<void> {
    const row = this.find(repair);
    if (row?.state !== 'due') return;
    Object.assign(row, { greenSha, sameCommit, note, state: note === null ? 'learned' : 'given_up' });
    const { patternId, redSha, incidentId } = row;
    if (fix === null || patternId === null || redSha === null || greenSha === null) return;
    const isKnown = this.store.likelyFixes.some(
      (known) => known.patternId === patternId && known.redSha === redSha && known.greenSha === greenSha,
    );
    if (isKnown) return;
    const foundAt = this.store.clock.now();
    this.store.likelyFixes.push(copy({ ...fix, patternId, incidentId, redSha, greenSha, foundAt }));
  }

  async postpone(repair: Repair, at: Date, note: string): Promise<void> {
    const row = this.find(repair);
    if (row?.state === 'due') Object.assign(row, { tries: row.tries + 1, dueAt: at, note });
  }

  private find({
    incidentId,
    runId,
    attempt,
  }: Pick<Repair, 'incidentId' | 'runId' | 'attempt'>): RepairRow | undefined {
    return this.store.repairs.find(
      (row) => row.incidentId === incidentId && row.runId === runId && row.attempt === attempt,
    );
  }
}
