import type { Page } from '@app/domain';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  delivery,
  NOBODY,
  openOne,
  sighting,
  usageEntry,
  type OpenEmpty,
  type PersistenceUnderTest,
} from './fixtures.js';

const MOST = 100;
const NAMES = ['one', 'two', 'three'];
const FINGERPRINTS = ['f1', 'f2'];
const TIME = { from: new Date('2026-11-01T00:00:00Z'), to: new Date('2026-12-01T00:00:00Z') };
/** Which project something is of; null: of none. */
const owner = fc.option(fc.constantFrom(...NAMES), { nil: null });
const owners = fc.array(owner, { minLength: 2, maxLength: 7 }).map((others) => [NAMES[0]!, ...others]);

interface Owned {
  readonly projectId: string | null;
}
type Scope = readonly string[] | null;

const repositoryOf = (project: string) => ({ host: 'github.com', owner: 'acme', name: project });

/**
 * Every list that is narrowed by projects and has no property of its own elsewhere (incidents, counts, similar incidents
 * and passages have): whatever there is, for every scope exactly what a plain filter keeps of everything.
 */
export function scopeContract(name: string, openEmpty: OpenEmpty): void {
  describe(`scopes: ${name}`, () => {
    let store: PersistenceUnderTest;
    beforeEach(async () => {
      store = await openEmpty();
    });

    const fill = async (of: readonly (string | null)[], ids: ReadonlyMap<string, string>): Promise<void> => {
      for (const [index, project] of of.entries()) {
        const projectId = project === null ? null : ids.get(project)!;
        await store.channels.create({ title: `${index}`, projectId, incidentId: null, createdBy: 'ci' });
        await store.knowledge.add({
          projectId,
          title: `Book ${index}`,
          origin: 'upload',
          filename: null,
          url: null,
          contentType: 'text/plain',
          sizeBytes: 1,
          contentHash: `${index}`,
          passages: [{ position: 0, headings: [], text: 'prune' }],
        });
        await store.usage.record(usageEntry({ projectId, costUsd: 1 }));
        if (project === null) continue;
        const repository = repositoryOf(project);
        await store.deliveries.record(
          delivery(`d${index}`, { kind: 'ignored', reason: 'x' }, { repository }),
        );
        const opened = await openOne(store, { repository, runId: index + 1 });
        await store.patterns.recordSighting(sighting(opened, { fingerprint: FINGERPRINTS[index % 2]! }));
        await store.workflows.create({
          ...opened,
          attempt: 1,
          plannedFrom: null,
          status: 'planned',
          reason: null,
          steps: [],
          plannedBy: { kind: 'person', name: 'mona' },
        });
      }
    };

    /** What a scope is answered, and what of everything is its own. */
    const lists: Record<
      string,
      { ask(scope: Scope): Promise<readonly Owned[]>; ofNobody: 'shown' | 'hidden' }
    > = {
      channels: {
        ask: async (scope) => all(await store.channels.list(scope, MOST, null)),
        ofNobody: 'hidden',
      },
      documents: {
        ask: async (scope) => all(await store.knowledge.list(scope, MOST, null)),
        ofNobody: 'shown',
      },
      'background jobs': {
        ask: async (scope) => all(await store.backgroundJobs.list({ projectIds: scope }, MOST, null)),
        ofNobody: 'shown',
      },
      deliveries: {
        ask: async (scope) =>
          all(await store.deliveries.list({ projectIds: scope ?? undefined }, MOST, null)),
        ofNobody: 'hidden',
      },
      workflows: {
        ask: async (scope) => all(await store.workflows.list({ projectIds: scope ?? undefined }, MOST, null)),
        ofNobody: 'hidden',
      },
      patterns: {
        ask: async (scope) =>
          all(await store.patternCatalog.list({ projectIds: scope ?? undefined }, MOST, null)),
        ofNobody: 'hidden',
      },
      'patterns of a fingerprint': {
        ask: (scope) => store.patternCatalog.withFingerprint(FINGERPRINTS[0]!, scope ?? undefined),
        ofNobody: 'hidden',
      },
      'costs by project': {
        ask: async (scope) =>
          (await store.usage.costs({ ...TIME, projectIds: scope ?? undefined })).byProject.map(
            ({ key, ...sums }) => ({ ...sums, projectId: key }),
          ),
        ofNobody: 'hidden',
      },
    };

    it('are kept to by every list, whatever there is', async () => {
      await fc.assert(
        fc.asyncProperty(owners, async (of) => {
          store = await openEmpty();
          const ids = new Map<string, string>();
          for (const project of NAMES)
            ids.set(project, (await store.projects.ensure(repositoryOf(project))).id);
          await fill(of, ids);
          const scopes = subsets([...ids.values(), NOBODY, 'nonsense']);
          for (const [kind, { ask, ofNobody }] of Object.entries(lists)) {
            const everything = await ask(null);
            expect({ kind, isEmpty: everything.length === 0 }).toEqual({ kind, isEmpty: false });
            const isOwn = (scope: readonly string[], { projectId }: Owned): boolean =>
              projectId === null ? ofNobody === 'shown' : scope.includes(projectId);
            for (const scope of scopes) {
              const own = everything.filter((one) => isOwn(scope, one));
              expect({ kind, scope, items: await ask(scope) }).toEqual({ kind, scope, items: own });
            }
          }
        }),
        { numRuns: 2, endOnFailure: true },
      );
    });
  });
}

function all<T>({ items, nextCursor }: Page<T>): readonly T[] {
  expect(nextCursor).toBeNull();
  return items;
}

function subsets(values: readonly string[]): string[][] {
  return values.reduce<string[][]>((sets, value) => [...sets, ...sets.map((set) => [...set, value])], [[]]);
}
