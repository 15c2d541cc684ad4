import {
  DEFAULT_ACTION_POLICY,
  decideAction,
  type ActionLedger,
  type ActionPolicies,
  type RemediationWorkflow,
} from '@app/domain';
import { actionKey } from './action-key.js';
import type { GatherGround } from './gather-ground.js';
import type { PerformAction } from './perform-action.js';
import { proposeActions } from './propose-actions.js';

/** Brings the comment of a pull request up to date when something that it tells of has ended. */
export class RefreshComment {
  constructor(
    private readonly ledger: ActionLedger,
    private readonly policies: ActionPolicies,
    private readonly gather: GatherGround,
    private readonly perform: PerformAction,
  ) {}

  /**
   * Does nothing where no comment was ever begun, where one could not be made, or policy no longer allows one.
   * @throws ExternalFailure
   */
  async run({ id, incidentId, projectId }: RemediationWorkflow): Promise<void> {
    const ground = await this.gather.run(incidentId);
    const [comment] = proposeActions(ground, ['comment']);
    if (!comment) return;
    const { incident } = ground.failure;
    const known = await this.ledger.find(projectId, actionKey(comment.action, incident));
    if (known === null || (known.state === 'failed' && known.remoteId === null)) return;
    const policy = (await this.policies.find(projectId)) ?? DEFAULT_ACTION_POLICY;
    if (decideAction(policy, comment.action, ground.facts).verdict === 'refused') return;
    await this.perform.run(comment.action, incident, id, policy.dailyLimits, new AbortController().signal);
  }
}
