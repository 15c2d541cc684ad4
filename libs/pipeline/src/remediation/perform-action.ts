import {
  ClaimLost,
  ExternalFailure,
  type Action,
  type ActionClaim,
  type ActionEffect,
  type ActionLedger,
  type ActionPolicy,
  type ActionRecord,
  type CiActions,
  type Clock,
  type Incident,
  type Log,
} from '@app/domain';
import { actionKey, actionMarker, payloadHash } from './action-key.js';

/** An action that another worker is at is asked for again after so long. */
const BUSY_RETRY_MS = 3_000;

/** Of what was begun before; what is begun anew for its outcome alone is none of the day's. */
const NONE_NEW = { each: 0, all: 0 };

/** The provider has nothing of an action whose outcome was to be found out. */
class NotTaken extends ExternalFailure {
  constructor(key: string) {
    super(`${key} was begun and not taken, and is no longer wanted.`, {
      code: 'action_not_taken',
      retryable: false,
    });
  }
}

export interface PerformTools {
  readonly clock: Clock;
  readonly log: Log;
  /** Longer than a writing call can take: whoever takes over must not come before it has ended. */
  readonly leaseMs: number;
}

export interface PerformedAction {
  readonly url: string | null;
  /** False: it was done before, by an earlier try or for another plan. */
  readonly changed: boolean;
}

/**
 * Takes an action at most once: its row is claimed before the effect and finished after it. Who claims a row that another
 * has left behind finds the effect at the provider before anything is done again.
 */
export class PerformAction {
  constructor(
    private readonly ledger: ActionLedger,
    private readonly actions: CiActions,
    private readonly tools: PerformTools,
  ) {}

  /**
   * Takes the action, unless it was taken before.
   * @throws ExternalFailure `action_busy` while another worker has it (retryable), `action_limit_reached`, and what the
   *   provider says
   * @throws ClaimLost when another worker took over meanwhile
   */
  async run(
    action: Action,
    incident: Incident,
    workflowId: string,
    dailyLimits: ActionPolicy['dailyLimits'],
    signal: AbortSignal,
  ): Promise<PerformedAction> {
    const key = actionKey(action, incident);
    return this.begin(key, action, incident, workflowId, dailyLimits, signal, true);
  }

  /**
   * Finds out what became of an action that somebody began and never finished, and takes nothing. Null: it was not
   * taken.
   * @throws ExternalFailure `action_busy` while whoever began it may still be at it, and what the provider says
   */
  async conclude(
    action: Action,
    incident: Incident,
    workflowId: string,
    signal: AbortSignal,
  ): Promise<PerformedAction | null> {
    const known = await this.begun(action, incident, workflowId);
    if (known === null || known.state === 'failed') return null;
    if (known.state === 'done') return { url: known.url, changed: false };
    try {
      return await this.begin(known.key, action, incident, workflowId, NONE_NEW, signal, false);
    } catch (error) {
      if (error instanceof NotTaken) return null;
      throw error;
    }
  }

  /** By its workflow first: what names an effect, as the failure's fingerprint, may be another since it was begun. */
  private async begun(action: Action, incident: Incident, workflowId: string): Promise<ActionRecord | null> {
    const own = (await this.ledger.ofIncident(incident.id)).find(
      (record) => record.workflowId === workflowId && record.kind === action.kind,
    );
    return own ?? this.ledger.find(incident.projectId, actionKey(action, incident));
  }

  private async begin(
    key: string,
    action: Action,
    incident: Incident,
    workflowId: string,
    dailyLimits: ActionPolicy['dailyLimits'],
    signal: AbortSignal,
    mayWrite: boolean,
  ): Promise<PerformedAction> {
    const { projectId, id: incidentId } = incident;
    const begin = await this.ledger.begin(
      {
        projectId,
        key,
        kind: action.kind,
        incidentId,
        workflowId,
        payloadHash: payloadHash(action),
        // A comment follows what it tells of; everything else is said or done once.
        updatable: action.kind === 'comment',
        dailyLimits,
      },
      this.tools.leaseMs,
    );
    switch (begin.outcome) {
      case 'done':
        return { url: begin.record.url, changed: false };
      case 'busy':
        throw new ExternalFailure(`Another worker is about to do ${key}.`, {
          code: 'action_busy',
          retryable: true,
          // Who does it is done in seconds; the lease is for one that died.
          retryAfterMs: Math.min(
            BUSY_RETRY_MS,
            Math.max(0, begin.until.getTime() - this.tools.clock.now().getTime()),
          ),
        });
      case 'limited':
        throw new ExternalFailure(
          `The project's limit of ${begin.limit} ${begin.scope === 'all' ? 'actions' : `actions of the kind ${action.kind}`} a day is reached.`,
          {
            code: 'action_limit_reached',
            retryable: false,
            facts: { limit: begin.limit, scope: begin.scope },
          },
        );
      case 'begun':
        return this.perform(begin.claim, action, incident, actionMarker(projectId, key), signal, mayWrite);
    }
  }

  private async perform(
    claim: ActionClaim,
    action: Action,
    { repository, id: incidentId }: Incident,
    marker: string,
    signal: AbortSignal,
    mayWrite: boolean,
  ): Promise<PerformedAction> {
    const { leaseMs, log } = this.tools;
    const { key, remoteId } = claim.record;
    const lost = new AbortController();
    // Calls may wait in line for GitHub's pace, longer than a lease.
    const timer = setInterval(() => {
      this.ledger.renew(claim, leaseMs).catch((error: unknown) => lost.abort(error));
    }, leaseMs / 3);
    let effect: ActionEffect;
    try {
      effect = await this.actions.perform(
        { repository, action, marker, remoteId },
        {
          signal: AbortSignal.any([signal, lost.signal]),
          beforeWrite: async () => {
            if (!mayWrite) throw new NotTaken(key);
            await this.ledger.renew(claim, leaseMs);
          },
        },
      );
    } catch (error) {
      await this.giveUp(claim, error);
      throw error;
    } finally {
      clearInterval(timer);
    }
    await this.ledger.done(claim, effect);
    log.info({ incidentId, key, kind: action.kind, changed: effect.changed }, 'action_done');
    return { url: effect.url, changed: effect.changed };
  }

  /** A claim that was lost is nobody's to give up. */
  private async giveUp(claim: ActionClaim, error: unknown): Promise<void> {
    if (error instanceof ClaimLost) return;
    // What a retry may help with says nothing of the effect: an earlier try may have had it.
    const isKnown = error instanceof ExternalFailure && !error.retryable && error.code !== 'action_uncertain';
    const message = error instanceof Error ? error.message : String(error);
    try {
      await this.ledger.failed(claim, isKnown ? 'failed' : 'unknown', message);
    } catch (second) {
      // The lease ends by itself, and the successor looks before it acts.
      this.tools.log.warn({ key: claim.record.key, error: (second as Error).message }, 'action_not_given_up');
    }
  }
}
