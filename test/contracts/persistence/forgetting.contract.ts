import { randomUUID } from 'node:crypto';
import {
  EXPIRING,
  type DeliveryMeaning,
  type Expiring,
  type IncidentStatus,
  type LearnedRepair,
} from '@app/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  NOBODY,
  REPOSITORY,
  archivedLog,
  delivery,
  diagnosis,
  openOne,
  sighting,
  usageEntry,
  type OpenEmpty,
  type PersistenceUnderTest,
} from './fixtures.js';

const DAY_MS = 86_400_000;
const DAYS = { logDays: 90, diagnosisDays: 730, deliveryDays: 30, usageDays: 400 };
const NOTHING = Object.fromEntries(EXPIRING.map((kind) => [kind, 0])) as Record<Expiring, number>;
const [RED, GREEN] = ['a'.repeat(40), 'b'.repeat(40)];

// oxlint-disable unicorn/consistent-function-scoping -- helpers beside the store they use

/** What is kept for how long, what of repairs, and that an erased project leaves nothing. */
export function forgettingContract(name: string, openEmpty: OpenEmpty): void {
  describe(`forgetting: ${name}`, () => {
    let store: PersistenceUnderTest;
    let runId = 0;
    beforeEach(async () => {
      store = await openEmpty();
    });

    const forget = async (): Promise<Record<Expiring, number>> => {
      const counts = { ...NOTHING };
      for (const kind of EXPIRING) counts[kind] = await store.retention.forget(kind, DAYS, 1_000);
      return counts;
    };
    const tell = async (meaning: DeliveryMeaning): Promise<void> => {
      runId += 1;
      const told = { receivedAt: store.clock.now() };
      await store.deliveries.record(delivery(`forgetting-${runId}`, meaning, told));
    };
    const endRun = (id: number, conclusion: string | null, headSha: string, pullRequests: number[] = []) =>
      tell({
        kind: 'run',
        run: {
          repository: REPOSITORY,
          runId: id,
          attempt: 1,
          workflowId: 7,
          workflowName: 'CI',
          trigger: 'push',
          headSha,
          branch: 'main',
          headRepository: 'acme/app',
          pullRequests,
          ownWork: false,
          conclusion,
          endedAt: conclusion === null ? null : store.clock.now(),
        },
      });
    /** An incident that failed now, with its log and pattern. */
    const fail = async (fingerprint = 'f1', jobName = 'build') => {
      runId += 1;
      const failedAt = store.clock.now();
      const job = { runId, jobName, failedAt, headSha: RED, branch: 'main', workflowName: 'CI' };
      const ids = await openOne(store, { ...job, workflowId: 7 });
      await store.logs.save(archivedLog(ids.incidentId));
      const { id: patternId } = await store.patterns.recordSighting(
        sighting(ids, { fingerprint, seenAt: failedAt }),
      );
      return { ...ids, patternId, runId };
    };
    const diagnose = async (fingerprint = 'f1', jobName = 'build', known: string | null = null) => {
      const failed = await fail(fingerprint, jobName);
      const { incidentId, projectId, patternId } = failed;
      const made = diagnosis({ incidentId, projectId, patternId }, { id: randomUUID() });
      if (known === null) await store.diagnoses.save(made);
      const claim = (await store.progress.claim(incidentId, 60_000))!;
      const diagnosisId = known ?? made.id;
      const outcome = { reason: null, diagnosisId, citations: [], reused: known !== null, facts: {} };
      await store.progress.finish(claim, { status: 'diagnosed', ...outcome });
      return { ...failed, diagnosisId };
    };
    const move = async (incidentId: string, ...to: IncidentStatus[]) => {
      for (const status of to) await store.incidents.move(incidentId, status, 'On.');
    };

    it('has each kind stay until its time has come', async () => {
      const { incidentId } = await diagnose();
      await tell({ kind: 'ignored', reason: 'x' });
      await store.usage.record(usageEntry({ at: store.clock.now() }));
      const record = { jobId: 'j', name: 'n', subject: 's', error: 'e', attempts: 1 };
      await store.failedJobs.record({ ...record, failedAt: store.clock.now() });
      store.clock.advance(7 * DAY_MS);
      expect(await forget()).toEqual(NOTHING);
      store.clock.advance(1);
      expect(await forget()).toEqual({ ...NOTHING, failed_jobs: 1 });
      store.clock.advance(23 * DAY_MS);
      expect(await forget()).toEqual({ ...NOTHING, deliveries: 1 });
      store.clock.advance(60 * DAY_MS);
      expect(await forget()).toEqual({ ...NOTHING, logs: 1 });
      expect(await store.logs.find(incidentId, 1)).toBeNull();
      expect(await store.incidents.find(incidentId)).not.toBeNull();
      store.clock.advance(310 * DAY_MS);
      expect(await forget()).toEqual({ ...NOTHING, usage: 1 });
      store.clock.advance(330 * DAY_MS);
      // With the incident goes what kept the facts of its run.
      expect(await forget()).toEqual({ ...NOTHING, incidents: 1, patterns: 1, runs: 1, pull_heads: 2 });
      expect(await store.incidents.find(incidentId)).toBeNull();
    });

    it('deletes no more than it is asked to, the oldest first', async () => {
      const first = await fail();
      store.clock.advance(DAY_MS);
      const second = await fail();
      await move(first.incidentId, 'ignored');
      await move(second.incidentId, 'ignored');
      store.clock.advance(100 * DAY_MS);
      expect(await store.retention.forget('logs', DAYS, 1)).toBe(1);
      expect(await store.logs.find(first.incidentId, 1)).toBeNull();
      expect(await store.logs.find(second.incidentId, 1)).not.toBeNull();
    });

    it('keeps as long as a project says', async () => {
      const { projectId } = await diagnose();
      await store.retention.setForProject(projectId, { logDays: 10, diagnosisDays: null });
      store.clock.advance(11 * DAY_MS);
      expect(await forget()).toEqual({ ...NOTHING, logs: 1 });
      await store.retention.setForProject(projectId, { logDays: 1_000, diagnosisDays: 2_000 });
      store.clock.advance(989 * DAY_MS);
      expect(await forget()).toEqual(NOTHING);
      expect(await store.retention.ofProject(projectId)).toEqual({ logDays: 1_000, diagnosisDays: 2_000 });
      await expect(store.retention.ofProject(NOBODY)).rejects.toMatchObject({ code: 'project_not_found' });
    });

    it('leaves what waits or is under way', async () => {
      await fail();
      await store.progress.claim((await fail()).incidentId, 60_000);
      for (const way of [
        ['awaiting_approval'],
        ['awaiting_approval', 'remediating'],
        ['awaiting_approval', 'remediating', 'verifying'],
      ] as IncidentStatus[][])
        await move((await diagnose()).incidentId, ...way);
      store.clock.advance(4_000 * DAY_MS);
      // Of the log of one that is diagnosed already nothing is needed any more.
      expect(await forget()).toEqual({ ...NOTHING, logs: 3 });
    });

    it('keeps a diagnosis that a living pattern or incident shows, however old', async () => {
      const old = await diagnose('f1');
      const other = await diagnose('f2');
      store.clock.advance(729 * DAY_MS);
      await diagnose('f1', 'again', old.diagnosisId);
      store.clock.advance(2 * DAY_MS);
      expect(await forget()).toMatchObject({ incidents: 1, patterns: 1 });
      expect(await store.incidents.find(old.incidentId)).not.toBeNull();
      expect(await store.incidents.find(other.incidentId)).toBeNull();
      const pattern = { id: old.patternId, projectId: old.projectId, fingerprint: 'f1' };
      expect(await store.patterns.findDiagnosis(pattern, 'rules:1')).not.toBeNull();
    });

    it('of what a person taught keeps it with the pattern when the incident goes', async () => {
      const old = await diagnose('f1');
      await store.feedback.record({
        id: randomUUID(),
        projectId: old.projectId,
        incidentId: old.incidentId,
        patternId: old.patternId,
        diagnosisId: old.diagnosisId,
        rootCause: 'wrong',
        solution: 'not_tried',
        judgedCause: 'x',
        judgedSolution: 'y',
        actualCause: 'z',
        note: null,
        givenBy: 'ops',
        givenAt: store.clock.now(),
      });
      store.clock.advance(729 * DAY_MS);
      await diagnose('f1');
      store.clock.advance(2 * DAY_MS);
      expect(await forget()).toMatchObject({ incidents: 1, patterns: 0 });
      expect(await store.feedback.correctionOf(old.patternId)).toMatchObject({ actualCause: 'z' });
    });

    it('forgets runs and pull requests that no incident is of', async () => {
      const headSha = GREEN;
      await endRun(9_001, 'success', headSha, [41]);
      const pull = { repository: REPOSITORY, headSha, branch: 'topic', url: null } as const;
      const changedAt = store.clock.now();
      const open = { state: 'open', mergedAt: null, mergeSha: null, changedAt } as const;
      await tell({ kind: 'pull_request', pull: { ...pull, ...open, number: 41 } });
      const { projectId } = await fail();
      store.clock.advance(20 * DAY_MS);
      expect(await forget()).toEqual(NOTHING);
      await endRun(9_002, 'success', 'c'.repeat(40));
      store.clock.advance(11 * DAY_MS);
      expect(await forget()).toMatchObject({ runs: 1, pull_requests: 1, pull_heads: 1 });
      expect(await store.deliveries.unknownAttempts(projectId, [{ runId: 9_001, attempt: 1 }])).toHaveLength(
        1,
      );
      expect(await store.deliveries.unknownAttempts(projectId, [{ runId: 9_002, attempt: 1 }])).toEqual([]);
      store.clock.advance(800 * DAY_MS);
      expect(await forget()).toMatchObject({ runs: 1, run_days: 2 });
    });

    it('forgets what was spent, and secrets that ended', async () => {
      const { id: projectId } = await store.projects.ensure(REPOSITORY);
      const limits = { costUsd: null, tokens: null, calls: null };
      const spending = { costUsd: 1, tokens: 1, calls: 1 };
      for (const period of ['2026-11-20', '2026-11']) {
        const line = { scope: 'all', period, limits };
        await store.budget.reserve([line], spending);
      }
      const secret = (sealed: string) => ({
        id: randomUUID(),
        projectId,
        sealed,
        createdAt: store.clock.now(),
        expiresAt: null,
      });
      await store.webhookSecrets.rotate(secret('one'), store.clock.now());
      const until = new Date(store.clock.now().getTime() + DAY_MS);
      await store.webhookSecrets.rotate(secret('two'), until);
      store.clock.advance(DAY_MS);
      expect(await forget()).toEqual(NOTHING);
      store.clock.advance(1);
      expect(await forget()).toEqual({ ...NOTHING, webhook_secrets: 1 });
      expect(await store.webhookSecrets.active(projectId, store.clock.now())).toHaveLength(1);
      store.clock.advance(430 * DAY_MS);
      expect(await forget()).toEqual({ ...NOTHING, budget_use: 2 });
    });

    describe('repairs', () => {
      const LEARNED: LearnedRepair = { greenSha: GREEN, sameCommit: false, fix: null, note: null };
      const fix = {
        commits: [{ sha: GREEN, message: 'Pin it', author: 'ada', url: null }],
        totalCommits: 1,
        files: ['ci.yml'],
        url: null,
      };
      /** The job passes in a later run, on this commit. */
      const pass = async (id: number, headSha: string, jobName = 'build') => {
        await endRun(id, 'success', headSha);
        await tell({
          kind: 'job',
          job: {
            repository: REPOSITORY,
            runId: id,
            attempt: 1,
            jobName,
            jobId: id,
            workflowId: 7,
            workflowName: 'CI',
            headSha,
            branch: 'main',
            conclusion: 'success',
            endedAt: store.clock.now(),
            url: null,
          },
        });
      };
      const repaired = async (headSha: string, fingerprint = 'f1', jobName = 'build') => {
        const failed = await diagnose(fingerprint, jobName);
        await endRun(failed.runId, null, RED);
        store.clock.advance(60_000);
        await pass(50_000 + failed.runId, headSha, jobName);
        return failed;
      };
      const summaryOf = async (fingerprint: string) =>
        (await store.patternCatalog.withFingerprint(fingerprint, undefined))[0]!;

      it('of the commit that had failed are learned as they are taken up, once', async () => {
        await repaired(RED);
        expect(await store.repairs.takeUp(10)).toBe(1);
        expect(await store.repairs.takeUp(10)).toBe(0);
        expect(await store.repairs.due(store.clock.now(), 10)).toEqual([]);
        expect(await summaryOf('f1')).toMatchObject({ passes: 1, passesOnSameCommit: 1 });
      });

      it('of another commit wait to be asked about, and bring the pattern its likely fix, once', async () => {
        const failed = await repaired(GREEN);
        expect(await store.repairs.takeUp(10)).toBe(1);
        const [due] = await store.repairs.due(store.clock.now(), 10);
        expect(due).toMatchObject({
          incidentId: failed.incidentId,
          projectId: failed.projectId,
          patternId: failed.patternId,
          failedRunId: failed.runId,
          redSha: RED,
          greenSha: GREEN,
          tries: 0,
        });
        await store.repairs.learn(due!, { ...LEARNED, fix });
        await store.repairs.learn(due!, { ...LEARNED, fix: { ...fix, files: ['other.yml'] } });
        expect(await store.repairs.due(store.clock.now(), 10)).toEqual([]);
        expect(await store.patternCatalog.likelyFixes(failed.patternId, 5)).toMatchObject([
          { redSha: RED, greenSha: GREEN, files: ['ci.yml'], incidentId: failed.incidentId },
        ]);
        expect(await summaryOf('f1')).toMatchObject({ passes: 1, passesOnSameCommit: 0 });
      });

      it('are asked about later where they are postponed, and end where they are given up', async () => {
        await repaired(GREEN);
        await store.repairs.takeUp(10);
        const [due] = await store.repairs.due(store.clock.now(), 10);
        const later = new Date(store.clock.now().getTime() + 1_000);
        await store.repairs.postpone(due!, later, '502');
        expect(await store.repairs.due(store.clock.now(), 10)).toEqual([]);
        store.clock.advance(1_000);
        expect(await store.repairs.due(store.clock.now(), 10)).toMatchObject([{ tries: 1 }]);
        await store.repairs.learn(due!, { ...LEARNED, note: 'gone' });
        expect(await store.repairs.due(store.clock.now(), 10)).toEqual([]);
      });
    });

    it('of an erased project leaves nothing, and everything of another', async () => {
      const gone = await diagnose('f1');
      const other = { host: 'github.com', owner: 'Acme', name: 'App-two' };
      const stays = await openOne(store, { repository: other, runId: 5 });
      await store.usage.record(usageEntry({ projectId: gone.projectId }));
      const key = { name: 'k', role: 'viewer', projectIds: [gone.projectId], hash: 'h' } as const;
      await store.apiKeys.create(key);
      const { rows, project } = await store.eraser.erase(gone.projectId);
      expect(project.id).toBe(gone.projectId);
      expect(rows).toMatchObject({ projects: 1, incidents: 1, patterns: 1, usage_ledger: 1 });
      expect(await store.incidents.find(gone.incidentId)).toBeNull();
      expect(await store.logs.find(gone.incidentId, 1)).toBeNull();
      expect(await store.patterns.find(gone.projectId, 'f1')).toBeNull();
      expect(await store.incidents.find(stays.incidentId)).not.toBeNull();
      expect((await store.projects.list()).map(({ id }) => id)).toEqual([stays.projectId]);
      expect((await store.apiKeys.list()).map(({ projectIds }) => projectIds)).toEqual([[]]);
      await expect(store.eraser.erase(gone.projectId)).rejects.toMatchObject({ code: 'project_not_found' });
    });
  });
}
