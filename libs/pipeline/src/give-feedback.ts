import { randomUUID } from 'node:crypto';
import {
  IllegalTransition,
  InvalidInput,
  contradicts,
  type Cache,
  type Clock,
  type DiagnosisRepository,
  type Feedback,
  type FeedbackRepository,
  type IncidentRepository,
  type IncidentStatus,
  type Log,
  type RootCauseVerdict,
  type SolutionVerdict,
} from '@app/domain';
import { redactText } from '@app/log-analysis';
import type { DispatchWork } from './dispatch-work.js';
import type { CallOffOutdated } from './remediation/call-off-outdated.js';

/** The mark on the timeline of an incident that is diagnosed anew because of a verdict. */
export const CALLED_WRONG = 'called_wrong';

export interface Verdict {
  readonly rootCause: RootCauseVerdict;
  readonly solution: SolutionVerdict;
  readonly actualCause: string | null;
  readonly note: string | null;
  /** Name of the API key. */
  readonly by: string;
}

export interface FeedbackStores {
  readonly incidents: IncidentRepository;
  readonly diagnoses: DiagnosisRepository;
  readonly feedback: FeedbackRepository;
}

export interface GivenFeedback {
  readonly feedback: Feedback;
  /** The incident is on its way to another diagnosis. */
  readonly diagnosedAnew: boolean;
  /** Ids of the workflows that rested on what was called wrong and are called off. */
  readonly calledOff: readonly string[];
}

export interface FeedbackTools {
  readonly cache: Cache;
  readonly dispatch: DispatchWork;
  readonly callOff: CallOffOutdated;
  readonly clock: Clock;
  readonly log: Log;
}

/** Statuses in which nothing was done about the failure yet. */
const REOPENED: readonly IncidentStatus[] = ['diagnosed', 'awaiting_approval'];

/**
 * Takes a person's verdict on the diagnosis that an incident shows. What it contradicts is never given for that failure
 * again, the incident is diagnosed anew, and plans that rest on it are called off.
 */
export class GiveFeedback {
  constructor(
    private readonly stores: FeedbackStores,
    private readonly tools: FeedbackTools,
  ) {}

  /**
   * @throws IncidentNotFound
   * @throws InvalidInput when the incident shows no diagnosis
   */
  async run(incidentId: string, verdict: Verdict): Promise<GivenFeedback> {
    const incident = await this.stores.incidents.get(incidentId);
    const shown = await this.stores.diagnoses.ofIncident(incidentId);
    if (!shown) {
      throw new InvalidInput('The incident shows no diagnosis yet: there is nothing to give a verdict on.', {
        id: incidentId,
      });
    }
    const feedback: Feedback = {
      id: randomUUID(),
      projectId: incident.projectId,
      incidentId,
      patternId: incident.patternId,
      diagnosisId: shown.diagnosis.id,
      rootCause: verdict.rootCause,
      solution: verdict.solution,
      judgedCause: shown.diagnosis.rootCause.primaryCause,
      judgedSolution: shown.diagnosis.solution.summary,
      // People paste what they see, secrets too.
      actualCause: verdict.actualCause === null ? null : redactText(verdict.actualCause).text,
      note: verdict.note === null ? null : redactText(verdict.note).text,
      givenBy: verdict.by,
      givenAt: this.tools.clock.now(),
    };
    await this.stores.feedback.record(feedback);
    // How incidents rank as examples depends on it; figures name causes.
    await Promise.all(
      (['vector.search', 'vector.resolved', 'vector.recent', 'analytics'] as const).map((operation) =>
        this.tools.cache.deleteByPattern(operation, '*'),
      ),
    );
    const isContradicted = contradicts(feedback);
    // Before its workflow is called off: whoever ends in between leaves an incident that is diagnosed anew, and a workflow
    // that the next round calls off.
    const diagnosedAnew =
      isContradicted && REOPENED.includes(incident.status) && (await this.reopen(incidentId, feedback));
    const calledOff = isContradicted ? await this.callOff(feedback) : [];
    const { rootCause, solution } = verdict;
    this.tools.log.info(
      { incidentId, rootCause, solution, diagnosedAnew, calledOff: calledOff.length },
      'feedback_given',
    );
    return { feedback, diagnosedAnew, calledOff };
  }

  private async callOff(feedback: Feedback): Promise<readonly string[]> {
    const { projectId, givenBy: name, rootCause, actualCause } = feedback;
    const isOfCause = rootCause === 'wrong' || actualCause !== null;
    const reason = isOfCause
      ? `The diagnosis that this was planned from was called wrong by ${name}.`
      : `${name} said that the solution which this was planned from did not work.`;
    const ended = await this.tools.callOff.contradicted(projectId, { kind: 'person', name }, reason);
    return ended.map(({ id }) => id);
  }

  private async reopen(incidentId: string, { givenBy, id }: Feedback): Promise<boolean> {
    try {
      const facts = { cause: CALLED_WRONG, feedbackId: id };
      const reason = `Called wrong by ${givenBy}: it is diagnosed anew.`;
      await this.tools.dispatch.incidents([
        await this.stores.incidents.move(incidentId, 'received', reason, facts),
      ]);
      return true;
    } catch (error) {
      // Somebody moved it on meanwhile.
      if (error instanceof IllegalTransition) return false;
      throw error;
    }
  }
}
