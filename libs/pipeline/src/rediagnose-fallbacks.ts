import {
  IllegalTransition,
  IncidentNotFound,
  type Clock,
  type DiagnosisRepository,
  type Dispatch,
  type IncidentRepository,
  type Log,
  type ModelHealth,
} from '@app/domain';
import type { DispatchWork } from './dispatch-work.js';

/** Why the rules answered, as far as waiting mends it. */
const MODEL_WAS_AWAY = [
  'llm_away',
  'llm_unavailable',
  'llm_unresponsive',
  'llm_timeout',
  'llm_rate_limited',
  'llm_throttled',
  'llm_quota_exhausted',
  'llm_unauthorized',
  'llm_forbidden',
  'llm_not_found',
  'llm_budget_unknown',
  'llm_agents_unknown',
];
/** There is money again with the next day. */
const MONEY_WAS_SPENT = ['llm_budget_exhausted'];
/** An incident is offered so often; after that only a person asks for it. */
const MAX_OFFERS = 3;
const MAX_BATCH = 100;
/** The mark of an offer on an incident's timeline. */
export const MODEL_BACK = 'model_back';

export interface RediagnosisStores {
  readonly incidents: IncidentRepository;
  readonly diagnoses: DiagnosisRepository;
}

/**
 * Offers incidents that the rules diagnosed in the model's place to the model, once it answers again: one at first, more
 * with every round that went well, each incident three times at most.
 */
export class RediagnoseFallbacks {
  private batch = 1;
  private offered: readonly string[] = [];

  constructor(
    private readonly stores: RediagnosisStores,
    private readonly model: ModelHealth,
    private readonly dispatch: DispatchWork,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Returns how many incidents were offered. */
  async run(): Promise<number> {
    const waiting = await this.waiting();
    if (waiting.length === 0) return 0;
    const health = await this.model.check();
    if (!health.ok) {
      this.batch = 1;
      this.log.debug({ waiting: waiting.length, detail: health.detail }, 'rediagnosis_waits_for_model');
      return 0;
    }
    const turnedAway = this.offered.some((id) => waiting.includes(id));
    this.batch = turnedAway ? 1 : this.batch;
    const dispatches = await this.offer(waiting.slice(0, this.batch));
    this.offered = dispatches.map(({ incidentId }) => incidentId);
    this.batch = Math.min(MAX_BATCH, this.batch * 10);
    await this.dispatch.incidents(dispatches);
    if (dispatches.length > 0) this.log.info({ incidents: dispatches.length }, 'rediagnosis_offered');
    return dispatches.length;
  }

  private async waiting(): Promise<readonly string[]> {
    const now = this.clock.now();
    const today = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));
    const find = (codes: readonly string[], madeBefore: Date) =>
      this.stores.diagnoses.fellBack({
        codes,
        madeBefore,
        offer: MODEL_BACK,
        maxOffers: MAX_OFFERS,
        limit: MAX_BATCH,
      });
    return [...(await find(MODEL_WAS_AWAY, now)), ...(await find(MONEY_WAS_SPENT, today))];
  }

  private async offer(incidentIds: readonly string[]): Promise<Dispatch[]> {
    const dispatches: Dispatch[] = [];
    for (const id of incidentIds) {
      try {
        const facts = { cause: MODEL_BACK };
        const reason = 'The model answers again.';
        dispatches.push(await this.stores.incidents.move(id, 'received', reason, facts));
      } catch (error) {
        // Somebody else moved it on meanwhile.
        if (!(error instanceof IllegalTransition || error instanceof IncidentNotFound)) throw error;
      }
    }
    return dispatches;
  }
}
