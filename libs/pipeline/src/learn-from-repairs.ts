import {
  ExternalFailure,
  type CiProvider,
  type Clock,
  type DueRepair,
  type LearnedRepair,
  type Log,
  type RepairRepository,
} from '@app/domain';
import { redactText } from '@app/log-analysis';

/** Repairs a round takes up, and those it asks the CI system about: two calls each. */
const MAX_TAKEN_UP = 500;
const MAX_ASKED = 10;
/** What is kept of a comparison; the newest commits are the likeliest. */
const MAX_COMMITS = 20;
const MAX_FILES = 50;
const MAX_MESSAGE_CHARS = 500;
const MAX_TRIES = 6;
const RETRY_MS = 600_000;

/**
 * Learns from incidents that a later run proved repaired: whether it passed on the commit that had failed, or else which
 * commits came between: what probably mended the pattern.
 */
export class LearnFromRepairs {
  constructor(
    private readonly repairs: RepairRepository,
    private readonly ci: Pick<CiProvider, 'getRun' | 'compareCommits'>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Returns how many repairs were asked about. */
  async run(): Promise<number> {
    await this.repairs.takeUp(MAX_TAKEN_UP);
    const due = await this.repairs.due(this.clock.now(), MAX_ASKED);
    for (const repair of due) {
      try {
        const learned = await this.ask(repair);
        await this.repairs.learn(repair, learned);
        const { incidentId } = repair;
        const commits = learned.fix?.totalCommits ?? 0;
        this.log.info(
          { incidentId, sameCommit: learned.sameCommit, commits, note: learned.note },
          'repair_learned',
        );
      } catch (error) {
        if (!(error instanceof ExternalFailure)) throw error;
        await this.giveUpOrPostpone(repair, error);
      }
    }
    return due.length;
  }

  private async ask(repair: DueRepair): Promise<LearnedRepair> {
    const { repository, runId, attempt, redSha } = repair;
    const greenSha = repair.greenSha ?? (await this.ci.getRun(repository, runId, attempt)).headSha;
    if (redSha === null) return { ...nothing(greenSha), note: 'The commit that failed is not known.' };
    if (redSha === greenSha) return { ...nothing(greenSha), sameCommit: true };
    const { commits, totalCommits, files, url } = await this.ci.compareCommits(repository, redSha, greenSha);
    if (commits.length === 0) {
      return {
        ...nothing(greenSha),
        note: 'The commit that passed has nothing that the one that failed lacks.',
      };
    }
    return {
      ...nothing(greenSha),
      fix: {
        commits: commits.slice(-MAX_COMMITS).map(({ sha, message, authorLogin, url }) => ({
          sha,
          message: redactText(message).text.slice(0, MAX_MESSAGE_CHARS),
          author: authorLogin,
          url,
        })),
        totalCommits,
        files: files.slice(0, MAX_FILES).map(({ path }) => path),
        url,
      },
    };
  }

  private async giveUpOrPostpone(repair: DueRepair, error: ExternalFailure): Promise<void> {
    const { incidentId, greenSha, tries } = repair;
    if (!error.retryable || tries + 1 >= MAX_TRIES) {
      await this.repairs.learn(repair, { ...nothing(greenSha), note: error.message });
      this.log.warn({ incidentId, code: error.code, tries: tries + 1 }, 'repair_given_up');
      return;
    }
    const waitMs = Math.max(error.retryAfterMs ?? 0, RETRY_MS * 2 ** tries);
    await this.repairs.postpone(repair, new Date(this.clock.now().getTime() + waitMs), error.message);
    this.log.warn({ incidentId, code: error.code, waitMs }, 'repair_postponed');
  }
}

function nothing(greenSha: string | null): LearnedRepair {
  return { greenSha, sameCommit: false, fix: null, note: null };
}
