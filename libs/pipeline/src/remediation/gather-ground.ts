import {
  ExternalFailure,
  NotRemediable,
  isOwnWork,
  repositoryName,
  type ActionFacts,
  type CiProvider,
  type CiRun,
  type DiagnosisBasis,
  type Incident,
} from '@app/domain';
import {
  basisOf,
  readIncident,
  withFindings,
  type FailedIncident,
  type IncidentStores,
} from './failed-incident.js';
import type { ProposalGround } from './propose-actions.js';

/** Failures of one commit that a comment tells of. */
const MAX_OF_COMMIT = 100;

/** Finds out what policy and proposals rest on: from the store and from the provider, never from a log. */
export class GatherGround {
  constructor(
    private readonly stores: IncidentStores,
    private readonly ci: CiProvider,
  ) {}

  /**
   * @throws IncidentNotFound
   * @throws NotRemediable for a log that was handed in: nothing is known of where it is from
   * @throws ExternalFailure that a retry can help
   */
  async run(incidentId: string): Promise<ProposalGround> {
    const failure = await readIncident(this.stores, incidentId);
    const { incident } = failure;
    if (incident.source !== 'github')
      throw new NotRemediable(
        'The log was handed in by hand: there is no run that anything could be done to.',
        {
          incidentId,
        },
      );
    const run = await known(() => this.ci.getRun(incident.repository, incident.runId));
    const facts: ActionFacts = {
      runId: incident.runId,
      jobName: incident.jobName,
      attempt: incident.latestAttempt,
      jobId: incident.latestJobId,
      headSha: incident.headSha ?? run?.headSha ?? null,
      branch: incident.branch ?? run?.branch ?? null,
      pullRequests: await this.pullRequests(incident, run),
      fromFork: run === null ? null : isFromFork(incident, run),
      ownWork:
        incident.ownWork ||
        isOwnWork({
          branch: incident.branch ?? run?.branch ?? null,
          commitMessage: run?.commitMessage,
          commitAuthor: run?.commitAuthor,
        }),
      confidence: incident.confidence,
      sound: isSound(failure),
    };
    return { failure, facts, ofCommit: await this.ofCommit(failure) };
  }

  /** All failures of the incident's commit as they are now; asks the store alone. @throws IncidentNotFound */
  async failuresNow(incidentId: string): Promise<readonly FailedIncident[]> {
    return this.ofCommit(await readIncident(this.stores, incidentId));
  }

  /** The diagnosis that the incident shows now and that nobody called wrong; asks the store alone. */
  async basisNow(incidentId: string): Promise<DiagnosisBasis | null> {
    const shown = await this.stores.diagnoses.ofIncident(incidentId);
    return basisOf({ diagnosis: shown && !shown.contradicted ? shown.diagnosis : null });
  }

  /** Webhooks and runs often don't name them: then those that the commit is the head of. */
  private async pullRequests(incident: Incident, run: CiRun | null): Promise<readonly number[]> {
    if (incident.pullRequests.length > 0) return incident.pullRequests;
    if (run && run.pullRequests.length > 0) return run.pullRequests;
    const sha = incident.headSha ?? run?.headSha;
    if (!sha) return [];
    const pulls = (await known(() => this.ci.listPullRequests(incident.repository, sha))) ?? [];
    return pulls
      .filter(({ state, headSha }) => state === 'open' && headSha === sha)
      .map(({ number }) => number);
  }

  private async ofCommit(failure: FailedIncident): Promise<readonly FailedIncident[]> {
    const { projectId, headSha, id } = failure.incident;
    if (headSha === null) return [failure];
    const page = await this.stores.incidents.list({ projectIds: [projectId], headSha }, MAX_OF_COMMIT, null);
    return Promise.all(
      page.items.map((each) => (each.id === id ? failure : withFindings(this.stores, each))),
    );
  }
}

/** Null where the provider has no answer for good. */
async function known<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ExternalFailure && !error.retryable) return null;
    throw error;
  }
}

function isFromFork({ repository }: Incident, { headRepository }: CiRun): boolean | null {
  // A fork that was deleted has no name any more.
  if (headRepository === null) return null;
  const own = repositoryName({ ...repository, host: 'github.com' });
  return headRepository.toLowerCase() !== own.toLowerCase();
}

function isSound({ diagnosis }: FailedIncident): boolean {
  if (diagnosis === null || diagnosis.state !== 'complete') return false;
  const { validation } = diagnosis;
  return validation === null || (validation.safe && validation.recommendation === 'proceed');
}
