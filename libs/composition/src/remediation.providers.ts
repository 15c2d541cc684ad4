import type { Config } from '@app/config';
import {
  ActionLedger,
  ActionPolicies,
  Cache,
  CiActions,
  CiProvider,
  Clock,
  DeliveryRepository,
  DiagnosisRepository,
  EventBus,
  IncidentRepository,
  JobQueue,
  Log,
  LogArchive,
  WorkflowRepository,
} from '@app/domain';
import {
  AnnounceChanges,
  AnnounceRemediation,
  CallOffOutdated,
  DispatchWork,
  GatherGround,
  InvalidateViews,
  PerformAction,
  PlanRemediation,
  RefreshComment,
  RunRemediation,
  SteerRemediation,
  TendRemediations,
} from '@app/pipeline';
import type { Provider } from '@nestjs/common';
import { CONFIG } from './tokens.js';

/** A writing call ends within GitHub's time limit; as long again for GitHub to make it visible. */
const LEASE_PER_TIMEOUT = 2;

/** The use cases of remediation. */
export const remediationProviders: Provider[] = [
  {
    provide: AnnounceRemediation,
    inject: [Cache, InvalidateViews, EventBus, JobQueue, Log],
    useFactory: (cache: Cache, views: InvalidateViews, bus: EventBus, queue: JobQueue, log: Log) =>
      new AnnounceRemediation(cache, views, bus, queue, log),
  },
  {
    provide: GatherGround,
    inject: [IncidentRepository, DiagnosisRepository, LogArchive, CiProvider],
    useFactory: (
      incidents: IncidentRepository,
      diagnoses: DiagnosisRepository,
      logs: LogArchive,
      ci: CiProvider,
    ) => new GatherGround({ incidents, diagnoses, logs }, ci),
  },
  {
    provide: PerformAction,
    inject: [CONFIG, ActionLedger, CiActions, Clock, Log],
    useFactory: (config: Config, ledger: ActionLedger, actions: CiActions, clock: Clock, log: Log) =>
      new PerformAction(ledger, actions, {
        clock,
        log,
        leaseMs: Math.max(config.claimLeaseMs, LEASE_PER_TIMEOUT * config.github.timeoutMs),
      }),
  },
  {
    provide: SteerRemediation,
    inject: [WorkflowRepository, IncidentRepository, AnnounceRemediation],
    useFactory: (
      workflows: WorkflowRepository,
      incidents: IncidentRepository,
      announce: AnnounceRemediation,
    ) => new SteerRemediation(workflows, incidents, announce),
  },
  {
    provide: CallOffOutdated,
    inject: [WorkflowRepository, IncidentRepository, AnnounceRemediation],
    useFactory: (
      workflows: WorkflowRepository,
      incidents: IncidentRepository,
      announce: AnnounceRemediation,
    ) => new CallOffOutdated(workflows, incidents, announce),
  },
  {
    provide: PlanRemediation,
    inject: [
      WorkflowRepository,
      IncidentRepository,
      ActionPolicies,
      CiActions,
      GatherGround,
      SteerRemediation,
      AnnounceRemediation,
    ],
    useFactory: (
      workflows: WorkflowRepository,
      incidents: IncidentRepository,
      policies: ActionPolicies,
      actions: CiActions,
      gather: GatherGround,
      steer: SteerRemediation,
      announce: AnnounceRemediation,
    ) => new PlanRemediation({ workflows, incidents, policies, actions, gather, steer, announce }),
  },
  {
    provide: RunRemediation,
    inject: [
      CONFIG,
      WorkflowRepository,
      IncidentRepository,
      ActionPolicies,
      GatherGround,
      PerformAction,
      AnnounceRemediation,
      Clock,
      Log,
    ],
    useFactory: (
      config: Config,
      workflows: WorkflowRepository,
      incidents: IncidentRepository,
      policies: ActionPolicies,
      gather: GatherGround,
      perform: PerformAction,
      announce: AnnounceRemediation,
      clock: Clock,
      log: Log,
    ) => {
      const { verifyRerunMs: rerunMs, verifyFixMs: fixMs } = config.remediation;
      const windows = { rerunMs, fixMs };
      const stores = { workflows, incidents, policies };
      return new RunRemediation({ ...stores, gather, perform, announce, clock, log, windows });
    },
  },
  {
    provide: RefreshComment,
    inject: [ActionLedger, ActionPolicies, GatherGround, PerformAction],
    useFactory: (
      ledger: ActionLedger,
      policies: ActionPolicies,
      gather: GatherGround,
      perform: PerformAction,
    ) => new RefreshComment(ledger, policies, gather, perform),
  },
  {
    provide: TendRemediations,
    inject: [
      CONFIG,
      WorkflowRepository,
      IncidentRepository,
      ActionPolicies,
      CiProvider,
      DeliveryRepository,
      AnnounceChanges,
      DispatchWork,
      JobQueue,
      PlanRemediation,
      RefreshComment,
      CallOffOutdated,
      ActionLedger,
      PerformAction,
      AnnounceRemediation,
      Clock,
      Log,
    ],
    useFactory: (
      config: Config,
      workflows: WorkflowRepository,
      incidents: IncidentRepository,
      policies: ActionPolicies,
      ci: CiProvider,
      deliveries: DeliveryRepository,
      changes: AnnounceChanges,
      dispatch: DispatchWork,
      queue: JobQueue,
      plan: PlanRemediation,
      refresh: RefreshComment,
      callOff: CallOffOutdated,
      ledger: ActionLedger,
      perform: PerformAction,
      announce: AnnounceRemediation,
      clock: Clock,
      log: Log,
    ) =>
      new TendRemediations({
        workflows,
        incidents,
        policies,
        ci,
        deliveries,
        changes,
        dispatch,
        queue,
        plan,
        refresh,
        callOff,
        ledger,
        perform,
        announce,
        clock,
        log,
        graceMs: config.outbox.graceMs,
        watchEveryMs: config.remediation.watchIntervalMs,
      }),
  },
];
