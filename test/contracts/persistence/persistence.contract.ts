import { actionLedgerContract } from './action-ledger.contract.js';
import { analyticsContract } from './analytics.contract.js';
import { channelsContract } from './channels.contract.js';
import { catalogContract } from './catalog.contract.js';
import { diagnosisContract } from './diagnosis.contract.js';
import { forgettingContract } from './forgetting.contract.js';
import type { OpenEmpty } from './fixtures.js';
import { githubAppsContract } from './github-apps.contract.js';
import { incidentsContract } from './incidents.contract.js';
import { intakeContract } from './intake.contract.js';
import { knowledgeContract } from './knowledge.contract.js';
import { learningContract } from './learning.contract.js';
import { orderContract } from './order.contract.js';
import { racesContract } from './races.contract.js';
import { recordsContract } from './records.contract.js';
import { remediationContract } from './remediation.contract.js';
import { scopeContract } from './scope.contract.js';
import { similarIncidentsContract } from './similar-incidents.contract.js';
import { spendingContract } from './spending.contract.js';
import { webhookOrderContract } from './webhook-order.contract.js';

/** What every store of the product does, behind the ports of persistence. */
export function persistenceContract(name: string, openEmpty: OpenEmpty): void {
  intakeContract(name, openEmpty);
  incidentsContract(name, openEmpty);
  catalogContract(name, openEmpty);
  analyticsContract(name, openEmpty);
  diagnosisContract(name, openEmpty);
  recordsContract(name, openEmpty);
  githubAppsContract(name, openEmpty);
  similarIncidentsContract(name, openEmpty);
  spendingContract(name, openEmpty);
  actionLedgerContract(name, openEmpty);
  remediationContract(name, openEmpty);
  knowledgeContract(name, openEmpty);
  channelsContract(name, openEmpty);
  learningContract(name, openEmpty);
  forgettingContract(name, openEmpty);
  racesContract(name, openEmpty);
  orderContract(name, openEmpty);
  scopeContract(name, openEmpty);
  webhookOrderContract(name, openEmpty);
}
