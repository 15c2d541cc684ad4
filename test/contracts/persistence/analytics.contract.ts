import { randomUUID } from 'node:crypto';
import {
  ANALYTICS_GROUPS,
  FAILURE_CATEGORIES,
  boundsBefore,
  failureRate,
  type AnalyticsScope,
  type DeliveryMeaning,
  type Durations,
  type Incident,
} from '@app/domain';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  NOBODY,
  delivery,
  diagnosis,
  openOne,
  sighting,
  type OpenEmpty,
  type PersistenceUnderTest,
} from './fixtures.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const OWNERS = ['one', 'two', 'three'];
const repositoryOf = (owner: string) => ({ host: 'github.com', owner, name: 'app' });
const ALL = (days: number): AnalyticsScope => ({ projectIds: null, period: { days } });
const NONE: Durations = { count: 0, medianMs: null, p90Ms: null };

/** Figures over incidents and runs: what they count, from when to when, and within which projects. */
export function analyticsContract(name: string, openEmpty: OpenEmpty): void {
  describe(`figures: ${name}`, () => {
    let store: PersistenceUnderTest;
    let deliveries = 0;
    beforeEach(async () => {
      store = await openEmpty();
    });

    const tell = async (meaning: DeliveryMeaning, owner = 'one'): Promise<void> => {
      deliveries += 1;
      const repository = repositoryOf(owner);
      await store.deliveries.record(
        delivery(`figures-${deliveries}`, meaning, { repository, receivedAt: store.clock.now() }),
      );
    };
    /** The end of a run's attempt; null: it goes on. */
    const end = (runId: number, conclusion: string | null, owner = 'one', headSha = `sha-${runId}`) =>
      tell(
        {
          kind: 'run',
          run: {
            repository: repositoryOf(owner),
            runId,
            attempt: 1,
            workflowId: 7,
            workflowName: 'CI',
            trigger: 'push',
            headSha,
            branch: 'main',
            headRepository: `${owner}/app`,
            pullRequests: [],
            ownWork: false,
            conclusion,
            endedAt: conclusion === null ? null : store.clock.now(),
          },
        },
        owner,
      );
    /** A failure as it is told now. */
    const fail = async (runId: number, jobName = 'build', owner = 'one', fingerprint = 'f1') => {
      await end(runId, null, owner);
      const ids = await openOne(store, {
        runId,
        jobName,
        repository: repositoryOf(owner),
        branch: 'main',
        failedAt: store.clock.now(),
        workflowId: 7,
        workflowName: 'CI',
        headSha: `sha-${runId}`,
      });
      await store.patterns.recordSighting(sighting(ids, { fingerprint, seenAt: store.clock.now() }));
      return ids;
    };
    const diagnose = async (ids: { incidentId: string; projectId: string }, fingerprint = 'f1') => {
      const claim = (await store.progress.claim(ids.incidentId, MINUTE_MS))!;
      const pattern = (await store.patterns.find(ids.projectId, fingerprint))!;
      const stored = await store.patterns.findDiagnosis(pattern, 'rules:1');
      const made = diagnosis({ ...ids, patternId: pattern.id }, { id: randomUUID() });
      if (!stored) await store.diagnoses.save(made);
      const { id: diagnosisId } = stored ?? made;
      const reused = stored !== null;
      const outcome = { status: 'diagnosed', reason: null, diagnosisId, citations: [], reused } as const;
      await store.progress.finish(claim, { ...outcome, facts: {} });
    };
    /** A later run of the job passes: on another commit, or on the one that had failed. */
    const pass = async (runId: number, jobName = 'build', owner = 'one', headSha = `sha-${runId}`) => {
      await end(runId, 'success', owner, headSha);
      await tell(
        {
          kind: 'job',
          job: {
            repository: repositoryOf(owner),
            runId,
            attempt: 1,
            jobName,
            jobId: runId,
            headSha,
            workflowId: 7,
            workflowName: 'CI',
            branch: 'main',
            conclusion: 'success',
            url: null,
            endedAt: store.clock.now(),
          },
        },
        owner,
      );
    };

    it('are nothing where nothing is', async () => {
      const overview = await store.analytics.overview(ALL(7));
      expect(overview).toMatchObject({ opened: 0, openedBefore: 0, occurrences: 0, open: 0, proven: 0 });
      expect(overview).toMatchObject({ timeToDiagnosis: NONE, timeToRepair: NONE });
      expect(overview.runs).toEqual({ runs: 0, failed: 0 });
      expect(overview.to.getTime() - overview.from.getTime()).toBe(7 * DAY_MS);
      expect(await store.analytics.trends(ALL(2), 'day')).toHaveLength(3);
      for (const by of ANALYTICS_GROUPS)
        expect(await store.analytics.groups(ALL(7), by, 'occurrences', 5)).toEqual([]);
      expect(await store.analytics.flaky(ALL(7), 5)).toEqual([]);
    });

    it('tell how long diagnoses and repairs took, by median and nine tenths', async () => {
      const failed = [];
      for (let runId = 1; runId <= 10; runId += 1) failed.push(await fail(runId, `job ${runId}`));
      for (const ids of failed) {
        store.clock.advance(MINUTE_MS);
        await diagnose(ids);
      }
      for (let job = 1; job <= 4; job += 1) {
        store.clock.advance(20 * MINUTE_MS);
        await pass(100 + job, `job ${job}`);
      }
      store.clock.advance(MINUTE_MS);
      const overview = await store.analytics.overview(ALL(1));
      expect(overview).toMatchObject({
        opened: 10,
        occurrences: 10,
        open: 6,
        resolved: 4,
        proven: 4,
        diagnosed: 10,
        reused: 9,
        timeToDiagnosis: { count: 10, medianMs: 5 * MINUTE_MS, p90Ms: 9 * MINUTE_MS },
        timeToRepair: { count: 4, medianMs: 50 * MINUTE_MS, p90Ms: 90 * MINUTE_MS },
      });
    });

    it('count a repair from the first failed attempt, and the first diagnosis alone', async () => {
      const ids = await fail(1);
      store.clock.advance(MINUTE_MS);
      await diagnose(ids);
      store.clock.advance(9 * MINUTE_MS);
      await store.incidents.move(ids.incidentId, 'received', 'Again.');
      await diagnose(ids);
      const again = { runId: 1, jobName: 'build', repository: repositoryOf('one'), attempt: 2 };
      await openOne(store, { ...again, branch: 'main', failedAt: store.clock.now() });
      await diagnose(ids);
      store.clock.advance(5 * MINUTE_MS);
      await pass(9);
      store.clock.advance(1);
      const { timeToDiagnosis, timeToRepair, occurrences } = await store.analytics.overview(ALL(1));
      expect(timeToDiagnosis).toEqual({ count: 1, medianMs: MINUTE_MS, p90Ms: MINUTE_MS });
      expect(timeToRepair.medianMs).toBe(15 * MINUTE_MS);
      expect(occurrences).toBe(2);
    });

    it('compare failure rates with those of the time before', async () => {
      await end(1, 'failure');
      await end(2, 'success');
      store.clock.advance(2 * DAY_MS);
      for (const [index, conclusion] of ['success', 'timed_out', 'success', 'cancelled', 'skipped'].entries())
        await end(10 + index, conclusion);
      await end(20, 'failure', 'two');
      store.clock.advance(DAY_MS);
      const { runs, baseline } = await store.analytics.overview(ALL(2));
      expect([runs, baseline]).toEqual([
        { runs: 4, failed: 2 },
        { runs: 2, failed: 1 },
      ]);
      expect(failureRate(runs)).toBe(0.5);
    });

    it('count runs that were forgotten meanwhile all the same', async () => {
      for (let runId = 1; runId <= 5; runId += 1) await end(runId, runId === 2 ? 'failure' : 'success');
      await fail(6);
      await end(6, 'failure');
      store.clock.advance(40 * DAY_MS);
      const before = await store.analytics.overview(ALL(60));
      const days = { logDays: 90, diagnosisDays: 730, deliveryDays: 30, usageDays: 400 };
      expect(await store.retention.forget('runs', days, 2)).toBe(2);
      expect(await store.retention.forget('runs', days, 9)).toBe(3);
      const after = await store.analytics.overview(ALL(60));
      expect(after.runs).toEqual({ runs: 6, failed: 2 });
      expect(after).toEqual(before);
      const [first] = (await store.analytics.trends(ALL(60), 'day')).filter(({ runs }) => runs > 0);
      expect(first).toMatchObject({ runs: 6, failed: 2 });
    });

    it('follow days and weeks, those without anything too', async () => {
      store.clock.advance(DAY_MS / 2 + 1_000);
      const ids = await fail(1);
      await end(1, 'failure');
      store.clock.advance(2 * DAY_MS);
      await diagnose(ids);
      await fail(2);
      await fail(3, 'test');
      store.clock.advance(MINUTE_MS);
      const days = await store.analytics.trends(ALL(3), 'day');
      expect(days.map(({ from, opened }) => [from.toISOString().slice(0, 10), opened])).toEqual([
        ['2026-11-20', 0],
        ['2026-11-21', 1],
        ['2026-11-22', 0],
        ['2026-11-23', 2],
      ]);
      expect(days[1]).toMatchObject({ runs: 1, failed: 1, timeToDiagnosis: { medianMs: 2 * DAY_MS } });
      const weeks = await store.analytics.trends(ALL(3), 'week');
      expect(weeks.map(({ from, opened }) => [from.toISOString().slice(0, 10), opened])).toEqual([
        ['2026-11-16', 1],
        ['2026-11-23', 2],
      ]);
    });

    it('name what fails most, and what takes longest to repair', async () => {
      await diagnose(await fail(1, 'build', 'one', 'often'), 'often');
      await diagnose(await fail(2, 'build', 'one', 'often'), 'often');
      await diagnose(await fail(3, 'test', 'two', 'slow'), 'slow');
      await fail(4, 'lint', 'two', 'new');
      store.clock.advance(MINUTE_MS);
      await pass(11);
      store.clock.advance(DAY_MS);
      await pass(13, 'test', 'two');
      store.clock.advance(1);
      const patterns = await store.analytics.groups(ALL(9), 'pattern', 'occurrences', 5);
      const [often, ...others] = patterns;
      expect(often).toMatchObject({ value: 'often', repository: 'one/app', incidents: 2, open: 0 });
      expect(others.toSorted((a, b) => (a.value! < b.value! ? -1 : 1))).toMatchObject([
        { value: 'new', repository: 'two/app', incidents: 1, open: 1, rootCause: null },
        { value: 'slow', repository: 'two/app', category: 'compile_error', incidents: 1 },
      ]);
      expect(often!.rootCause).toContain('not assignable');
      expect(await store.analytics.groups(ALL(9), 'pattern', 'occurrences', 1)).toHaveLength(1);
      const jobs = await store.analytics.groups(ALL(9), 'job', 'repair', 5);
      expect(jobs.map(({ value, timeToRepair }) => [value, timeToRepair.medianMs])).toEqual([
        ['test', DAY_MS + MINUTE_MS],
        ['build', MINUTE_MS],
        ['lint', null],
      ]);
      const [category] = await store.analytics.groups(ALL(9), 'category', 'occurrences', 5);
      expect(category).toMatchObject({
        projectId: null,
        repository: null,
        value: 'compile_error',
        incidents: 4,
      });
    });

    it('find those flaky that passed on the commit that had failed, also under the pattern they were merged into', async () => {
      await diagnose(await fail(1, 'build', 'one', 'flaky'), 'flaky');
      await diagnose(await fail(2, 'test', 'one', 'mended'), 'mended');
      const third = await fail(3, 'e2e', 'one', 'like-flaky');
      await diagnose(third, 'like-flaky');
      const { projectId } = third;
      store.clock.advance(MINUTE_MS);
      await pass(11, 'build', 'one', 'sha-1');
      await pass(12, 'test');
      await pass(13, 'e2e', 'one', 'sha-3');
      store.clock.advance(1);
      await store.repairs.takeUp(10);
      const flaky = await store.analytics.flaky(ALL(1), 5);
      expect(flaky.map(({ fingerprint }) => fingerprint)).toEqual(['flaky', 'like-flaky']);
      expect(flaky[0]).toMatchObject({ repository: 'one/app', passes: 1, passesOnSameCommit: 1 });
      await store.patternCatalog.merge(projectId, { source: 'like-flaky', target: 'flaky', by: 'ada' });
      expect(await store.analytics.flaky(ALL(1), 5)).toMatchObject([
        { fingerprint: 'flaky', passes: 2, passesOnSameCommit: 2 },
      ]);
      expect(await store.analytics.flaky({ projectIds: [NOBODY], period: { days: 1 } }, 5)).toEqual([]);
    });

    it('never cross the projects of a scope: they are those of a plain filter', async () => {
      const incidents: Incident[] = [];
      for (let index = 0; index < 24; index += 1) {
        store.clock.advance(index * 20 * MINUTE_MS);
        const ids = await fail(1 + index, `job ${index % 4}`, OWNERS[index % 3]!, `f${index % 5}`);
        const category = FAILURE_CATEGORIES[index % 4]!;
        const seen = { fingerprint: `f${index % 5}`, category };
        await store.patterns.recordSighting(sighting(ids, seen));
        if (index % 4 === 0) await store.incidents.move(ids.incidentId, 'ignored', 'Not ours.');
        await end(1 + index, index % 2 === 0 ? 'failure' : 'success', OWNERS[index % 3]!);
        incidents.push(await store.incidents.get(ids.incidentId));
      }
      const last = store.clock.advance(1);
      const projects = [...new Set(incidents.map(({ projectId }) => projectId))];
      const moment = fc.integer({ min: incidents[0]!.openedAt.getTime() - 1, max: last.getTime() });
      const scopes = fc.record({
        projectIds: fc.option(fc.subarray([...projects, NOBODY, 'nonsense'])),
        period: fc
          .tuple(moment, moment)
          .map(([a, b]) => ({ from: new Date(Math.min(a, b)), to: new Date(Math.max(a, b) + 1) })),
      });
      await fc.assert(
        fc.asyncProperty(scopes, async (scope) => {
          const { projectIds, period } = scope;
          const isMeant = (bounds: { from: Date; to: Date }) => (incident: Incident) =>
            (projectIds === null || projectIds.includes(incident.projectId)) &&
            incident.openedAt >= bounds.from &&
            incident.openedAt < bounds.to;
          const own = incidents.filter(isMeant(period));
          const overview = await store.analytics.overview(scope);
          expect(overview).toMatchObject({
            opened: own.length,
            openedBefore: incidents.filter(isMeant(boundsBefore(period))).length,
            open: own.filter(({ status }) => status !== 'ignored').length,
            // Each run ended when its failure was told of.
            runs: { runs: own.length, failed: own.filter(({ runId }) => runId % 2 === 1).length },
          });
          for (const by of ANALYTICS_GROUPS) {
            const groups = await store.analytics.groups(scope, by, 'occurrences', 100);
            const sum = groups.reduce((total, group) => total + group.incidents, 0);
            expect(sum).toBe(own.length);
            for (const { projectId } of groups.filter((group) => group.projectId !== null))
              expect(own.some((incident) => incident.projectId === projectId)).toBe(true);
          }
          const jobs = await store.analytics.groups(scope, 'job', 'occurrences', 100);
          expect(new Set(jobs.map(({ projectId, value }) => `${projectId} ${value}`))).toEqual(
            new Set(own.map(({ projectId, jobName }) => `${projectId} ${jobName}`)),
          );
          const days = await store.analytics.trends(scope, 'day');
          expect(days.reduce((total, { opened }) => total + opened, 0)).toBe(own.length);
          expect(days.reduce((total, { failed }) => total + failed, 0)).toBe(overview.runs.failed);
        }),
        { numRuns: 30 },
      );
    });
  });
}
