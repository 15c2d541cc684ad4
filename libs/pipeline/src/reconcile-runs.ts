import {
  ExternalFailure,
  INCIDENT_STATUSES,
  isConnected,
  type CiProvider,
  type CiRun,
  type Clock,
  type Delivery,
  type DeliveryRepository,
  type IncidentRepository,
  type Log,
  type MissedDeliveries,
  type Project,
  type ProjectRepository,
  type RepositoryRef,
} from '@app/domain';
import { reportOfRun } from './expand-run.js';
import type { IngestDelivery } from './ingest-delivery.js';

/** Looks reach back before the last one by this: a run is listed by when it was created, and told when it ends. */
const OVERLAP_MS = 6 * 3_600_000;
/** How far the first look at a project reaches back; a back-fill goes further. */
const FIRST_LOOK_MS = 24 * 3_600_000;
/** Moments are rounded down, so that a question asked again is the same one, whose answer may be known by its ETag. */
const ROUND_TO_MS = 3_600_000;
/** Full lists that are asked for in a round: ten thousand runs. */
const MAX_LISTS = 10;
/** Of one run, the latest. */
const MAX_ATTEMPTS = 10;
/** Runs whose failures stay open are asked for by name: a later attempt of an old run is in no list of new ones. */
const ASKED_AFTER_MS = 7 * 24 * 3_600_000;
const ASKED_A_ROUND = 5;
const OPEN = INCIDENT_STATUSES.filter((status) => status !== 'resolved' && status !== 'ignored');
const FAILED = new Set(['failure', 'timed_out', 'startup_failure']);

export interface ReconcileLimits {
  /** Projects a round: those that were looked at longest ago. */
  readonly projects: number;
  /** Runs a list, a page a hundred; GitHub lists a thousand at most. */
  readonly runs: number;
}

export interface ReconcileTools {
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: ReconcileLimits;
}

/**
 * Finds what no delivery told: GitHub doesn't send again what came while the product was down. A GitHub App's failed
 * deliveries are asked for; the runs of every connected project are compared with what is known of them.
 */
export class ReconcileRuns {
  private lookedAt: Date | null = null;
  /** How far each project's open failures were gone through: a page a round, then from the newest again. */
  private readonly askedUntil = new Map<string, string | null>();

  constructor(
    private readonly stores: {
      readonly projects: ProjectRepository;
      readonly deliveries: DeliveryRepository;
      readonly incidents: IncidentRepository;
    },
    private readonly ci: CiProvider,
    private readonly missed: MissedDeliveries,
    private readonly ingest: IngestDelivery,
    private readonly tools: ReconcileTools,
  ) {}

  /** One round; returns how many runs or deliveries it found. Trouble with a project is that project's. */
  async run(): Promise<number> {
    const { clock, log, limits } = this.tools;
    if ((await this.missed.identity()) === 'nobody') return 0;
    let found = await this.redeliver(clock.now());
    const projects = (await this.stores.projects.list())
      .filter(isConnected)
      .toSorted((a, b) => (a.seenUntil?.getTime() ?? 0) - (b.seenUntil?.getTime() ?? 0))
      .slice(0, limits.projects);
    for (const project of projects) {
      try {
        found += await this.look(project);
      } catch (error) {
        if (!(error instanceof ExternalFailure)) throw error;
        log.warn({ projectId: project.id, code: error.code, error: error.message }, 'reconciliation_failed');
        // Known limits are not run against: the next round goes on with the projects that had to wait.
        if (error.code === 'github_rate_limited') break;
        // A project that can't be read must not keep its place at the head of the line.
        await this.stores.projects.markSeen(project.id, project.seenUntil ?? clock.now());
      }
    }
    if (found > 0) log.info({ found }, 'reconciliation_found');
    return found;
  }

  /**
   * Before a repository is connected with its past.
   * @throws ExternalFailure when it isn't there, or its runs may not be read
   */
  async assertReadable(repository: RepositoryRef): Promise<void> {
    await this.ci.getRepository(repository);
    await this.ci.listRuns(repository, { status: 'completed', limit: 1 });
  }

  /**
   * Takes in a project's runs since a moment, as if their deliveries had come. Returns how many were new.
   * @throws ProjectNotFound … ExternalFailure of the provider
   */
  async backfill(project: Project, since: Date, limit: number): Promise<number> {
    return (await this.takeIn(project, since, limit, undefined)).found;
  }

  private async redeliver(now: Date): Promise<number> {
    const since = new Date((this.lookedAt?.getTime() ?? now.getTime() - FIRST_LOOK_MS) - OVERLAP_MS);
    try {
      const again = await this.missed.redeliverFailed(since);
      this.lookedAt = now;
      return again;
    } catch (error) {
      if (!(error instanceof ExternalFailure)) throw error;
      this.tools.log.warn({ code: error.code, error: error.message }, 'redelivery_failed');
      return 0;
    }
  }

  private async look(project: Project): Promise<number> {
    const { clock, log, limits } = this.tools;
    const now = clock.now();
    const from = project.seenUntil ?? new Date(now.getTime() - FIRST_LOOK_MS);
    const since = new Date(Math.floor((from.getTime() - OVERLAP_MS) / ROUND_TO_MS) * ROUND_TO_MS);
    const { found, isAll } = await this.takeInAll(project, since);
    if (!isAll) log.warn({ projectId: project.id, runs: limits.runs }, 'reconciliation_saw_newest_only');
    const again = await this.askAfterOpen(project, now);
    await this.stores.projects.markSeen(project.id, now);
    return found + again;
  }

  /** Reruns of older runs that still have open failures: as many calls a round as a page has runs, and unchanged ones are free. */
  private async askAfterOpen(project: Project, now: Date): Promise<number> {
    const { incidents } = this.stores;
    const filter = {
      projectIds: [project.id],
      status: OPEN,
      from: new Date(now.getTime() - ASKED_AFTER_MS),
    };
    const page = await incidents.list(filter, ASKED_A_ROUND, this.askedUntil.get(project.id) ?? null);
    this.askedUntil.set(project.id, page.nextCursor);
    const ids = page.items.filter(({ source }) => source === 'github').map(({ runId }) => runId);
    const runs: CiRun[] = [];
    for (const id of new Set(ids)) {
      const run = await this.ci.getRun(project.repository, id).catch(unlessGone);
      if (run?.status === 'completed') runs.push(run);
    }
    return this.takeInMissing(project, runs);
  }

  /** GitHub lists no more than the newest: what is beyond is asked for again, until where the list ended. */
  private async takeInAll(project: Project, since: Date): Promise<{ found: number; isAll: boolean }> {
    const { runs: limit } = this.tools.limits;
    let found = 0;
    let until: Date | undefined;
    for (let list = 0; list < MAX_LISTS; list++) {
      const { found: more, oldest } = await this.takeIn(project, since, limit, until);
      found += more;
      if (oldest === null) return { found, isAll: true };
      // As many at one moment as a list holds: there is no asking beyond them.
      if (until !== undefined && oldest >= until) break;
      until = oldest;
    }
    return { found, isAll: false };
  }

  /** `oldest`: when the last of a full list was created; null where there are no more. */
  private async takeIn(
    project: Project,
    createdSince: Date,
    limit: number,
    createdUntil: Date | undefined,
  ): Promise<{ found: number; oldest: Date | null }> {
    const query = { createdSince, createdUntil, status: 'completed', limit };
    const runs = await this.ci.listRuns(project.repository, query);
    const found = await this.takeInMissing(project, runs);
    if (runs.length < limit) return { found, oldest: null };
    return { found, oldest: new Date(Math.min(...runs.map(({ createdAt }) => createdAt.getTime()))) };
  }

  /** @param runs their latest attempts */
  private async takeInMissing(project: Project, runs: readonly CiRun[]): Promise<number> {
    // A list has each run's latest attempt; the ones before may have been lost as well.
    const asked = runs.flatMap(({ id: runId, attempt }) =>
      Array.from({ length: Math.min(attempt, MAX_ATTEMPTS) }, (_, before) => ({
        runId,
        attempt: attempt - before,
      })),
    );
    const unknown = await this.stores.deliveries.unknownAttempts(project.id, asked);
    const latest = new Map(runs.map((run) => [`${run.id}/${run.attempt}`, run]));
    // The oldest first, as they would have come.
    const missing = unknown.toSorted((a, b) => a.runId - b.runId || a.attempt - b.attempt);
    for (const { runId, attempt } of missing) {
      const run =
        latest.get(`${runId}/${attempt}`) ?? (await this.ci.getRun(project.repository, runId, attempt));
      await this.ingest.run(deliveryOf(project, run, this.tools.clock.now()));
    }
    return missing.length;
  }
}

/** A run that was deleted at GitHub keeps nobody from the others. */
function unlessGone(error: unknown): null {
  if (error instanceof ExternalFailure && error.code === 'github_not_found') return null;
  throw error;
}

/**
 * What GitHub would have delivered at the run's end. Its id is the attempt's, so that it comes in once; it has dots, which
 * the webhook takes in no id: whoever may send deliveries of one project must not take the place of another's.
 */
function deliveryOf({ id: projectId, repository }: Project, run: CiRun, now: Date): Delivery {
  const report = reportOfRun(repository, run);
  const failed = FAILED.has(run.conclusion ?? '');
  const { conclusion, endedAt, ...common } = report;
  return {
    id: `reconciled.${projectId}.${run.id}.${run.attempt}`,
    event: 'workflow_run',
    action: 'completed',
    repository,
    receivedAt: now,
    meaning: failed
      ? {
          kind: 'failed_run',
          run: { ...common, conclusion: conclusion!, failedAt: endedAt ?? now, url: run.url },
        }
      : { kind: 'run', run: report },
  };
}
