import { Module } from '@nestjs/common';
import { BackgroundJobsSchedule } from './background-jobs-schedule.js';
import { OutboxSchedule } from './outbox-schedule.js';
import { Processors } from './processors.js';
import { RemediationSchedule } from './remediation-schedule.js';
import { ReconcileSchedule } from './reconcile-schedule.js';
import { RediagnosisSchedule } from './rediagnosis-schedule.js';
import { RepairsSchedule } from './repairs-schedule.js';
import { RetentionSchedule } from './retention-schedule.js';

/** The background side. Ports and use cases come from the core module that the process imports beside it. */
@Module({
  providers: [
    Processors,
    OutboxSchedule,
    RediagnosisSchedule,
    RemediationSchedule,
    ReconcileSchedule,
    BackgroundJobsSchedule,
    RetentionSchedule,
    RepairsSchedule,
  ],
})
export class WorkerModule {}
