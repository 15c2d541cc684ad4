export { DispatchWork } from './dispatch-work.js';
export { IngestDelivery } from './ingest-delivery.js';
export { ExpandRun } from './expand-run.js';
export { SweepOutbox, type SweepLimits } from './sweep-outbox.js';
export { ReadLog } from './read-log.js';
export { FindSimilar } from './find-similar.js';
export { Reason } from './reason.js';
export { DiagnoseIncident, type DiagnosisRun } from './diagnose-incident.js';
export { SubmitLog, type SubmittedLog } from './submit-log.js';
