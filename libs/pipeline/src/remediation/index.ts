export { AnnounceRemediation } from './announce-remediation.js';
export { GatherGround } from './gather-ground.js';
export type { IncidentStores } from './failed-incident.js';
export { PerformAction, type PerformTools } from './perform-action.js';
export { PlanRemediation, type PlanParts, type PreviewedStep } from './plan-remediation.js';
export { RefreshComment } from './refresh-comment.js';
export { RunRemediation, type RemediationRun, type VerifyWindows } from './run-remediation.js';
export { STEERINGS, SteerRemediation, type Steering } from './steer-remediation.js';
export { TendRemediations } from './tend-remediations.js';
