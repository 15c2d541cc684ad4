import { loadConfig } from '@app/config';
import { ExternalFailure, type CiComparison } from '@app/domain';
import { openPersistence, type Persistence } from '@app/persistence';
import { LearnFromRepairs } from '@app/pipeline';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openOne, sighting, TestClock } from '../../contracts/persistence/fixtures.js';
import { silentLog } from '../../fakes/recording-log.js';
import { freshStore, type FreshStore } from '../../support/fresh-store.js';

const [RED, GREEN] = ['a'.repeat(40), 'b'.repeat(40)];
const token = `ghp_${'Zx9Yw8Vu7T'.repeat(4).slice(0, 36)}`;

const commit = (sha: string, message: string) => ({
  sha,
  message,
  authorLogin: 'ada',
  committedAt: null,
  url: null,
});

/** A CI system that knows one way from red to green, and counts what it is asked. */
class Ci {
  asked: string[] = [];
  headSha = GREEN;
  failure: ExternalFailure | null = null;

  async getRun(): Promise<never> {
    this.asked.push('run');
    if (this.failure) throw this.failure;
    return { headSha: this.headSha } as never;
  }

  async compareCommits(_: unknown, base: string, head: string): Promise<CiComparison> {
    this.asked.push(`${base[0]}…${head[0]}`);
    if (this.failure) throw this.failure;
    return {
      commits: [commit('c1', 'Tidy up'), commit('c2', `Pin the runner, not ${token}`)],
      totalCommits: 2,
      files: [{ path: '.github/workflows/ci.yml' } as never],
      url: 'https://github.com/compare',
    };
  }
}

describe('learning from repairs', () => {
  let place: FreshStore;
  let store: Persistence;
  let ci: Ci;
  const clock = new TestClock();
  beforeAll(async () => {
    place = await freshStore();
    store = await openPersistence(loadConfig({ ...place.environment, LOG_LEVEL: 'silent' }), { clock });
  });
  afterAll(async () => {
    await store?.close();
    await place?.remove();
  });
  beforeEach(async () => {
    clock.reset();
    ci = new Ci();
    const tables = store.dataSource.entityMetadatas.map(({ tableName }) => tableName);
    await store.dataSource.query(`TRUNCATE ${tables.join(', ')}`);
  });

  const learn = () => new LearnFromRepairs(store.repairs, ci, clock, silentLog()).run();
  /** An incident of run 5 that attempt or run `proof` proved repaired. */
  async function repaired(proof: { runId: number; attempt: number }, headSha: string | null = RED) {
    const ids = await openOne(store, { runId: 5, headSha });
    const pattern = await store.patterns.recordSighting(sighting(ids));
    const passedAt = clock.now().toISOString();
    await store.dataSource.query(
      `UPDATE incidents SET status = 'resolved', verified_at = now(), verified_by = $2, head_sha = $3 WHERE id = $1`,
      [ids.incidentId, JSON.stringify({ ...proof, jobId: 1, passedAt, url: null }), headSha],
    );
    return { ...ids, patternId: pattern.id };
  }
  const summary = async () => (await store.patternCatalog.withFingerprint('f1', undefined))[0]!;
  const weightOf = async (id: string) => {
    const [row] = await store.dataSource.query<{ weight: number }[]>(
      'SELECT outcome_weight AS weight FROM incidents WHERE id = $1',
      [id],
    );
    return row!.weight;
  };

  it('finds a failure flaky that passed on the same commit, and asks nobody', async () => {
    const { incidentId } = await repaired({ runId: 5, attempt: 2 });
    expect(await learn()).toBe(0);
    expect(ci.asked).toEqual([]);
    expect(await summary()).toMatchObject({ passes: 1, passesOnSameCommit: 1 });
    expect(await weightOf(incidentId)).toBeCloseTo(0.1);
    await learn();
    expect(await summary()).toMatchObject({ passes: 1 });
  });

  it('links the commits between red and green as the likely fix, redacted, once', async () => {
    const { incidentId, patternId } = await repaired({ runId: 9, attempt: 1 });
    expect(await learn()).toBe(1);
    expect(ci.asked).toEqual(['run', 'a…b']);
    const [fix] = await store.patternCatalog.likelyFixes(patternId, 5);
    expect(fix).toMatchObject({
      incidentId,
      redSha: RED,
      greenSha: GREEN,
      totalCommits: 2,
      files: ['.github/workflows/ci.yml'],
      commits: [
        { message: 'Tidy up', author: 'ada' },
        { message: expect.stringContaining('Pin the runner') },
      ],
    });
    expect(JSON.stringify(fix)).not.toContain(token);
    expect(await summary()).toMatchObject({ passes: 1, passesOnSameCommit: 0 });
    expect(await weightOf(incidentId)).toBeCloseTo(0.3);
    expect(await learn()).toBe(0);
  });

  it('sees that another run passed on the commit that had failed', async () => {
    ci.headSha = RED;
    const { patternId } = await repaired({ runId: 9, attempt: 1 });
    await learn();
    expect(ci.asked).toEqual(['run']);
    expect(await summary()).toMatchObject({ passesOnSameCommit: 1 });
    expect(await store.patternCatalog.likelyFixes(patternId, 5)).toEqual([]);
  });

  it('waits while GitHub is away, longer each time, and gives up in the end', async () => {
    ci.failure = new ExternalFailure('502', { code: 'github_unavailable', retryable: true });
    await repaired({ runId: 9, attempt: 1 });
    let tries = 0;
    for (let round = 0; round < 100; round++) {
      tries += await learn();
      clock.advance(600_000);
    }
    expect(tries).toBe(6);
    ci.failure = null;
    expect(await learn()).toBe(0);
  });

  it('asks again when GitHub is back', async () => {
    ci.failure = new ExternalFailure('502', { code: 'github_unavailable', retryable: true });
    const { patternId } = await repaired({ runId: 9, attempt: 1 });
    await learn();
    expect(await learn()).toBe(0);
    ci.failure = null;
    clock.advance(600_000);
    await learn();
    expect(await store.patternCatalog.likelyFixes(patternId, 5)).toHaveLength(1);
  });

  it('does not ask again for what can not be had', async () => {
    ci.failure = new ExternalFailure('404', { code: 'github_not_found', retryable: false });
    await repaired({ runId: 9, attempt: 1 });
    await learn();
    clock.advance(86_400_000);
    expect(await learn()).toBe(0);
  });

  it('has nothing to compare where the failed commit is not known', async () => {
    await repaired({ runId: 9, attempt: 1 }, null);
    await learn();
    expect(ci.asked).toEqual(['run']);
    expect(await learn()).toBe(0);
  });
});
