import { loadConfig } from '@app/config';
import { openPersistence, type Persistence } from '@app/persistence';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failedJob, TestClock } from '../../contracts/persistence/fixtures.js';
import { freshStore, type FreshStore } from '../../support/fresh-store.js';

const PROJECTS = 3;
const RUNS = 12;
const DAY_MS = 86_400_000;
/** Rows that are added before one of them folds; a margin for those that are added meanwhile. */
const MOST_UNFOLDED = 512 + 100;
const UNIQUE_VIOLATION = '23505';
const KIND = ['project_id', 'status', 'category', 'severity', 'determinism'];
const BRANCH = ['project_id', 'branch'];
const FACET = ['facet', 'value'];
const BY_FACET = `incidents CROSS JOIN LATERAL (VALUES ${KIND.slice(1)
  .map((column) => `('${column}', ${column})`)
  .join(', ')}) AS f (facet, value)`;

/** What changes incidents, by the product's own doors and by hand. Whatever it meets, it may find nothing to do. */
type Change =
  | {
      readonly kind: 'open' | 'resolve';
      readonly project: number;
      readonly run: number;
      readonly branch: string | null;
    }
  | { readonly kind: 'classify'; readonly project: number; readonly category: string | null }
  | {
      readonly kind: 'rename' | 'delete' | 'give up' | 'move away';
      readonly project: number;
      readonly run: number;
    }
  | { readonly kind: 'erase'; readonly project: number }
  | { readonly kind: 'fold' | 'forget' };

const named = (project: number) => ({ host: 'github.com', owner: 'acme', name: `p${project}` });

describe('counts of incidents', () => {
  let place: FreshStore;
  let persistence: Persistence;
  const clock = new TestClock();
  beforeAll(async () => {
    place = await freshStore();
    const config = loadConfig({ ...place.environment, LOG_LEVEL: 'silent', DATABASE_POOL_SIZE: '6' });
    persistence = await openPersistence(config, { clock });
  });
  beforeEach(async () => {
    await persistence.dataSource.query('TRUNCATE projects CASCADE');
    clock.reset();
  });
  afterAll(async () => {
    await persistence?.close();
    await place?.remove();
  });

  const query = <Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> =>
    persistence.dataSource.query(sql, parameters);
  const idOf = async (project: number): Promise<string | null> =>
    (await persistence.projects.findByRepository(named(project)))?.id ?? null;

  const summed = async (count: string, table: string, columns: readonly string[]) => {
    const kind = columns.map((column) => `coalesce(${column}::text, 'NULL')`).join(` || ' ' || `);
    const rows = await query<{ kind: string; count: number }>(
      `SELECT ${kind} AS kind, ${count}::int AS count FROM ${table} GROUP BY 1 HAVING ${count} <> 0`,
    );
    return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
  };
  const projectIds = async (): Promise<string[]> =>
    (await query<{ id: string }>('SELECT id FROM projects ORDER BY id')).map(({ id }) => id);
  /** What the catalog says of a project, whose totals must say the same. */
  const facetsOf = async (id: string): Promise<Record<string, number>> => {
    const { catalog } = persistence;
    const [facets, stats] = await Promise.all([catalog.facets({ projectIds: [id] }), catalog.stats([id])]);
    const { status, category, severity, determinism } = facets;
    expect(Object.entries(stats.byStatus).filter(([, count]) => count > 0)).toEqual(
      expect.arrayContaining(status.map(({ value, count }) => [value, count])),
    );
    return Object.fromEntries(
      Object.entries({ status, category, severity, determinism }).flatMap(([facet, counts]) =>
        counts.map(({ value, count }) => [`${facet} ${value ?? 'NULL'}`, count]),
      ),
    );
  };
  const kept = async () => ({
    kinds: await summed('sum(count)', 'incident_counts', KIND),
    branches: await summed('sum(count)', 'branch_counts', BRANCH),
    facets: Object.fromEntries(
      await Promise.all((await projectIds()).map(async (id) => [id, await facetsOf(id)] as const)),
    ),
  });
  const counted = async () => ({
    kinds: await summed('count(*)', 'incidents', KIND),
    branches: await summed('count(*)', 'incidents', BRANCH),
    facets: Object.fromEntries(
      await Promise.all(
        (await projectIds()).map(
          async (id) =>
            [id, await summed('count(*)', `${BY_FACET} WHERE project_id = '${id}'`, FACET)] as const,
        ),
      ),
    ),
  });

  const make = async (change: Change): Promise<unknown> => {
    switch (change.kind) {
      case 'open':
        return persistence.incidents.open([
          failedJob({ repository: named(change.project), runId: change.run, branch: change.branch }),
        ]);
      case 'resolve': {
        const [row] = await query<{ id: string }>('SELECT id FROM incidents WHERE run_id = $1 LIMIT 1', [
          change.run,
        ]);
        return row && persistence.incidents.move(row.id, 'resolved', 'It passed.').catch(() => undefined);
      }
      case 'classify':
        return query('UPDATE incidents SET category = $2, severity = $2 WHERE project_id = $1', [
          await idOf(change.project),
          change.category,
        ]);
      case 'rename':
        return query(`UPDATE incidents SET branch = 'renamed' WHERE run_id = $1`, [change.run]);
      case 'move away':
        return query(
          `UPDATE incidents i SET project_id = p.id FROM projects p WHERE p.name = $1 AND run_id = $2
             AND NOT EXISTS (SELECT FROM incidents o WHERE o.project_id = p.id AND o.run_id = $2)`,
          [`p${change.project}`, change.run],
        ).catch((error: { code?: string }) => {
          // It is there already, by another change of the same round.
          if (error.code !== UNIQUE_VIOLATION) throw error;
        });
      case 'delete':
        return query('DELETE FROM incidents WHERE run_id = $1', [change.run]);
      case 'give up':
        return persistence.dataSource
          .transaction(async (manager) => {
            await manager.query('DELETE FROM incidents WHERE run_id = $1', [change.run]);
            await manager.query('SELECT fold_incident_counts()');
            throw new Error('given up');
          })
          .catch(() => undefined);
      case 'erase': {
        const id = await idOf(change.project);
        return id && persistence.eraser.erase(id).catch(() => undefined);
      }
      case 'fold':
        return query('SELECT fold_incident_counts()');
      case 'forget':
        clock.advance(DAY_MS);
        return persistence.retention.forget(
          'incidents',
          { logDays: 1, diagnosisDays: 1, deliveryDays: 1, usageDays: 1 },
          3,
        );
    }
  };

  const project = fc.integer({ min: 1, max: PROJECTS });
  const run = fc.integer({ min: 1, max: RUNS });
  const open = fc.record({
    kind: fc.constant('open' as const),
    project,
    run,
    branch: fc.constantFrom('main', 'feature', '', null),
  });
  const change: fc.Arbitrary<Change> = fc.oneof(
    { arbitrary: open, weight: 6 },
    fc.record({ kind: fc.constant('resolve' as const), project, run, branch: fc.constant(null) }),
    fc.record({
      kind: fc.constant('classify' as const),
      project,
      category: fc.constantFrom('network', 'quality', '', null),
    }),
    fc.record({ kind: fc.constantFrom('rename', 'delete', 'give up', 'move away'), project, run }),
    fc.record({ kind: fc.constant('erase' as const), project }),
    fc.record({ kind: fc.constantFrom('fold' as const, 'forget' as const) }),
  );

  it('are those of the incidents, whatever happens to them at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { minLength: 1, maxLength: 6 }), { maxLength: 8 }),
        async (rounds) => {
          for (const round of rounds) {
            await Promise.all(round.map((each) => make(each)));
            expect(await kept()).toEqual(await counted());
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('are folded now and then, by whoever comes, so that few are added up', async () => {
    await persistence.incidents.open([failedJob({ repository: named(1) })]);
    for (let times = 0; times < 10; times += 1)
      await query(
        `INSERT INTO incidents (project_id, source, run_id, job_name, pull_requests, status, latest_attempt, occurrences,
           opened_at, last_failed_at, updated_at, sequence, outbox_at, branch)
         SELECT (SELECT id FROM projects), 'github', n, 'job', '{}', 'resolved', 1, 1, now(), now(), now(), 1, now(), n::text
         FROM generate_series($1::int + 1, $1::int + 200) n`,
        [1_000 * times],
      );
    for (const status of ['ignored', 'resolved'])
      await query('UPDATE incidents SET status = $1 WHERE run_id < 2000', [status]);
    const [row] = await query<{ unfolded: number }>(
      'SELECT count(*)::int AS unfolded FROM incident_counts WHERE NOT folded',
    );
    expect(row!.unfolded).toBeLessThan(MOST_UNFOLDED);
    expect(await kept()).toEqual(await counted());
    await query('SELECT fold_incident_counts()');
    expect(await query('SELECT status, count, folded FROM incident_counts ORDER BY count')).toEqual([
      { status: 'received', count: 1, folded: true },
      { status: 'resolved', count: 2_000, folded: true },
    ]);
    expect(await kept()).toEqual(await counted());
  });

  it('wait for nobody: neither who changes incidents nor who folds', async () => {
    const opened = await persistence.incidents.open(
      [1, 2].map((runId) => failedJob({ repository: named(1), runId })),
    );
    const [first, second] = opened.map(({ incidentId }) => incidentId);
    const pool = persistence.createPool({ max: 2 });
    // On the embedded database transactions take turns as they are: there is nothing to see.
    if (persistence.mode === 'server') {
      const client = await pool.connect();
      await client.query('BEGIN');
      await client.query(`UPDATE incidents SET category = 'network' WHERE id = $1`, [first]);
      await client.query('SELECT fold_incident_counts()');
      await query(`UPDATE incidents SET category = 'network' WHERE id = $1`, [second]);
      await query('SELECT fold_incident_counts()');
      await client.query('COMMIT');
      client.release();
    }
    expect(await kept()).toEqual(await counted());
  });
});
