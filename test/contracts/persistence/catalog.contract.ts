import {
  DETERMINISMS,
  FAILURE_CATEGORIES,
  InvalidInput,
  type FacetCount,
  type Incident,
  type IncidentFilter,
} from '@app/domain';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { NOBODY, openOne, sighting, type OpenEmpty, type PersistenceUnderTest } from './fixtures.js';

const DAY_MS = 86_400_000;
const OWNERS = ['one', 'two', 'three'];
const BRANCHES = ['main', 'feature/login', null];
const JOBS = ['build', 'test', 'deploy'];

/** Lists, counts and totals: under every filter the same incidents, of nobody else's projects. */
export function catalogContract(name: string, openEmpty: OpenEmpty): void {
  describe(`the catalog: ${name}`, () => {
    let store: PersistenceUnderTest;
    beforeEach(async () => {
      store = await openEmpty();
    });

    const filled = async (count: number): Promise<Incident[]> => {
      const ids: string[] = [];
      for (let index = 0; index < count; index += 1) {
        store.clock.advance(index * 60_000);
        const opened = await openOne(store, {
          runId: 1 + index,
          repository: { host: 'github.com', owner: OWNERS[index % 3]!, name: 'app' },
          jobName: `${JOBS[index % 3]} ${index}`,
          branch: BRANCHES[(index >> 1) % 3]!,
        });
        if (index % 4 !== 0) {
          const category = FAILURE_CATEGORIES[index % 5]!;
          const determinism = DETERMINISMS[index % 3]!;
          await store.patterns.recordSighting(
            sighting(opened, { fingerprint: `f${index % 7}`, category, determinism }),
          );
        }
        if (index % 5 === 0) await store.incidents.move(opened.incidentId, 'resolved', 'It passed.');
        if (index % 5 === 1) await store.incidents.move(opened.incidentId, 'ignored', 'Not ours.');
        ids.push(opened.incidentId);
      }
      return Promise.all(ids.map((id) => store.incidents.get(id)));
    };

    it('counts nothing where nothing is', async () => {
      expect(await store.catalog.facets({})).toEqual({
        total: 0,
        category: [],
        status: [],
        severity: [],
        determinism: [],
        project: [],
        branch: [],
      });
      expect(await store.catalog.stats(null)).toMatchObject({ total: 0, open: 0, byStatus: { resolved: 0 } });
    });

    it('counts by each facet, the most frequent first, what is not known as null', async () => {
      const [first] = await filled(8);
      const facets = await store.catalog.facets({});
      expect(facets.total).toBe(8);
      expect(facets.status).toEqual([
        { value: 'received', count: 4 },
        { value: 'ignored', count: 2 },
        { value: 'resolved', count: 2 },
      ]);
      expect(facets.branch).toEqual([
        { value: 'main', count: 4 },
        { value: 'feature/login', count: 2 },
        { value: null, count: 2 },
      ]);
      expect(facets.category.find(({ value }) => value === null)).toEqual({ value: null, count: 2 });
      expect(facets.severity).toEqual([{ value: null, count: 8 }]);
      expect(facets.project).toHaveLength(3);
      expect(facets.project.find(({ value }) => value === first!.projectId)).toEqual({
        value: first!.projectId,
        count: 3,
        repository: 'one/app',
      });
    });

    it('names the fifty most frequent branches', async () => {
      for (let runId = 1; runId <= 53; runId += 1) await openOne(store, { runId, branch: `b${runId}` });
      await openOne(store, { runId: 99, branch: 'b53' });
      const { total, branch } = await store.catalog.facets({});
      expect(total).toBe(54);
      expect(branch).toHaveLength(50);
      expect(branch[0]).toEqual({ value: 'b53', count: 2 });
    });

    it('adds up what was opened lately, what is open, and says when it was counted', async () => {
      const incidents = await filled(10);
      const counted = store.clock.advance(6.9 * DAY_MS);
      await openOne(store, { runId: 900 });
      const stats = await store.catalog.stats(null);
      expect(stats).toMatchObject({
        total: 11,
        open: 7,
        openedLastDay: 1,
        openedLastWeek: 11,
        lastUpdatedAt: counted,
        byStatus: { received: 7, resolved: 2, ignored: 2, diagnosed: 0 },
      });
      const { projectId } = incidents[0]!;
      expect((await store.catalog.stats([projectId])).total).toBe(4);
      expect((await store.catalog.stats([])).total).toBe(0);
      expect((await store.catalog.stats([NOBODY, 'nonsense'])).total).toBe(0);
    });

    it('refuses a cursor that it did not give', async () => {
      await expect(store.catalog.search({}, 5, 'nonsense')).rejects.toBeInstanceOf(InvalidInput);
    });

    it('never crosses the projects of a filter: lists, counts and totals are those of a plain filter', async () => {
      const incidents = await filled(30);
      const projects = [...new Set(incidents.map(({ projectId }) => projectId))];
      const times = incidents.map(({ openedAt }) => openedAt);
      const filters = fc.record({
        projectIds: fc.option(fc.subarray([...projects, NOBODY, 'nonsense']), { nil: undefined }),
        status: some(['received', 'resolved', 'ignored'] as const),
        category: some(FAILURE_CATEGORIES.slice(0, 5)),
        determinism: some(DETERMINISMS),
        branch: one(['main', 'feature/login', 'unheard']),
        fingerprint: one(['f1', 'f2', 'none']),
        text: one(['build', 'test login', 'BUI', 'unheard', '…']),
        from: one(times),
        to: one(times),
      });
      await fc.assert(
        fc.asyncProperty(filters, fc.integer({ min: 1, max: 12 }), async (filter, limit) => {
          const expected = incidents.filter((incident) => isMeant(incident, filter));
          const found = await everything(filter, limit);
          expect(found).toEqual(newestFirst(expected));

          const facets = await store.catalog.facets(filter);
          expect(facets.total).toBe(expected.length);
          expect(asMap(facets.project)).toEqual(counted(expected, ({ projectId }) => projectId));
          expect(asMap(facets.status)).toEqual(counted(expected, ({ status }) => status));
          expect(asMap(facets.category)).toEqual(counted(expected, ({ category }) => category));
          expect(asMap(facets.branch)).toEqual(counted(expected, ({ branch }) => branch));

          const scope = filter.projectIds ?? null;
          const own = incidents.filter(({ projectId }) => scope === null || scope.includes(projectId));
          expect((await store.catalog.stats(scope)).total).toBe(own.length);
        }),
        { numRuns: 40 },
      );
    });

    const everything = async (filter: IncidentFilter, limit: number): Promise<string[]> => {
      const ids: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await store.catalog.search(filter, limit, cursor);
        ids.push(...page.items.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== null);
      return ids;
    };
  });
}

const some = <T>(values: readonly T[]) =>
  fc.option(fc.subarray([...values], { minLength: 1 }), { nil: undefined });
const one = <T>(values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });

const isIn = (values: readonly unknown[] | undefined, value: unknown): boolean =>
  values === undefined || values.includes(value);

function isMeant(incident: Incident, filter: IncidentFilter): boolean {
  const own = `${incident.jobName} ${incident.workflowName} ${incident.branch ?? ''}`
    .toLowerCase()
    .split(/\W+/);
  const words = (filter.text ?? '').toLowerCase().match(/[a-z]+/g) ?? [];
  return (
    isIn(filter.projectIds, incident.projectId) &&
    isIn(filter.status, incident.status) &&
    isIn(filter.category, incident.category) &&
    isIn(filter.determinism, incident.determinism) &&
    (filter.branch === undefined || incident.branch === filter.branch) &&
    (filter.fingerprint === undefined || incident.fingerprint === filter.fingerprint) &&
    (filter.from === undefined || incident.openedAt >= filter.from) &&
    (filter.to === undefined || incident.openedAt < filter.to) &&
    words.every((word) => own.some((each) => each.startsWith(word)))
  );
}

function newestFirst(incidents: readonly Incident[]): string[] {
  return incidents
    .toSorted((a, b) => b.openedAt.getTime() - a.openedAt.getTime() || (a.id < b.id ? 1 : -1))
    .map(({ id }) => id);
}

function counted(incidents: readonly Incident[], valueOf: (incident: Incident) => string | null) {
  const counts = new Map<string | null, number>();
  for (const incident of incidents) counts.set(valueOf(incident), (counts.get(valueOf(incident)) ?? 0) + 1);
  return counts;
}

function asMap(counts: readonly FacetCount[]): Map<string | null, number> {
  return new Map(counts.map(({ value, count }) => [value, count]));
}
