import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AgentsController } from './agents/agents.controller.js';
import { ApiKeyGuard } from './auth/api-key.guard.js';
import { RECENT_KEYS } from './auth/recent-keys.js';
import { AnalyticsController } from './analytics/analytics.controller.js';
import { SavingsController } from './analytics/savings.controller.js';
import { AdminCacheController } from './cache/admin-cache.controller.js';
import { ApiWarmUp } from './cache/api-warm-up.js';
import { CacheController } from './cache/cache.controller.js';
import { WarmAtStart } from './cache/warm-at-start.js';
import { HealthController } from './health/health.controller.js';
import { ChannelReader } from './channels/channel-reader.js';
import { ChannelsController } from './channels/channels.controller.js';
import { ChatController } from './chat/chat.controller.js';
import { ChatSessions } from './chat/chat-sessions.js';
import { CatalogController } from './incidents/catalog/catalog.controller.js';
import { ExportController } from './incidents/export/export.controller.js';
import { IncidentActionsController } from './incidents/actions/incident-actions.controller.js';
import { DatabasePerformanceController } from './performance/database-performance.controller.js';
import { SimilarController } from './incidents/similar/similar.controller.js';
import { FeedbackController } from './incidents/feedback.controller.js';
import { IncidentReader } from './incidents/incident-reader.js';
import { IncidentsController } from './incidents/incidents.controller.js';
import { SubmitController } from './incidents/submit.controller.js';
import { JobsController } from './jobs/jobs.controller.js';
import { KnowledgeController } from './knowledge/knowledge.controller.js';
import { PatternDesk } from './patterns/pattern-desk.js';
import { PatternsController } from './patterns/patterns.controller.js';
import { ProjectsController } from './projects/projects.controller.js';
import { Projects } from './projects/projects.service.js';
import { ProjectSettings } from './projects/settings.js';
import { RateLimitGuard } from './rate-limit/rate-limit.guard.js';
import { RequestLimits } from './rate-limit/request-limits.js';
import { SetupController } from './setup/setup.controller.js';
import { DeliveriesController } from './webhooks/deliveries.controller.js';
import { UsageController } from './usage/usage.controller.js';
import { UsageReader } from './usage/usage-reader.js';
import { PlanController } from './workflows/plan.controller.js';
import { WorkflowDesk } from './workflows/workflow-desk.js';
import { WorkflowsController } from './workflows/workflows.controller.js';
import { RehearseIntake } from './webhooks/rehearse-intake.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';

/** The HTTP side. Ports and use cases come from the core module that the process imports beside it. */
@Module({
  controllers: [
    WebhooksController,
    DeliveriesController,
    SetupController,
    ProjectsController,
    IncidentActionsController,
    CatalogController,
    SimilarController,
    DatabasePerformanceController,
    IncidentsController,
    SubmitController,
    FeedbackController,
    PatternsController,
    KnowledgeController,
    JobsController,
    ChatController,
    ChannelsController,
    HealthController,
    CacheController,
    AdminCacheController,
    SavingsController,
    AnalyticsController,
    ExportController,
    AgentsController,
    UsageController,
    WorkflowsController,
    PlanController,
  ],
  providers: [
    IncidentReader,
    ChannelReader,
    ChatSessions,
    PatternDesk,
    Projects,
    ProjectSettings,
    UsageReader,
    WorkflowDesk,
    RequestLimits,
    ApiWarmUp,
    WarmAtStart,
    RehearseIntake,
    // In this order: whose request it is, then whether they ask too often.
    RECENT_KEYS,
    { provide: APP_GUARD, useClass: ApiKeyGuard },
    { provide: APP_GUARD, useClass: RateLimitGuard },
  ],
})
export class ApiModule {}
