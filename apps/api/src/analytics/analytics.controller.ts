import {
  Clock,
  IncidentAnalytics,
  ProjectNotFound,
  ProjectRepository,
  repositoryName,
  type AnalyticsPeriod,
  type AnalyticsScope,
  type ApiKey,
} from '@app/domain';
import { Controller, Get, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiBearerAuth,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { RequireRole } from '../auth/api-key.guard.js';
import { Caller } from '../auth/caller.decorator.js';
import { problemSchema } from '../http/problem.js';
import { visibleProjects } from '../incidents/incident-reader.js';
import { presentBucket, presentFlaky, presentGroup, presentOverview } from './analytics.presenter.js';
import {
  flakyQuerySchema,
  flakySchema,
  groupsSchema,
  healthQuerySchema,
  healthSchema,
  mttrQuerySchema,
  mttrSchema,
  overviewQuerySchema,
  overviewSchema,
  topQuerySchema,
  trendsQuerySchema,
  trendsSchema,
  type FlakyQuery,
  type FlakyView,
  type GroupsView,
  type HealthQuery,
  type HealthView,
  type MttrQuery,
  type MttrView,
  type OverviewQuery,
  type OverviewView,
  type TopQuery,
  type TrendsQuery,
  type TrendsView,
} from './analytics.schemas.js';

const DEFAULT_DAYS = 30;
const MINUTE_MS = 60_000;
/** Of a repository's health. */
const SHOWN = 5;

@ApiTags('analytics')
@ApiBearerAuth()
@RequireRole('viewer')
@ApiBadRequestResponse({ standardSchema: problemSchema })
@Controller('analytics')
export class AnalyticsController {
  constructor(
    private readonly analytics: IncidentAnalytics,
    private readonly projects: ProjectRepository,
    private readonly clock: Clock,
  ) {}

  @Get('overview')
  @ApiOperation({
    summary: 'What became of a period’s incidents, and how often runs failed, beside the time before.',
  })
  @ApiOkResponse({ standardSchema: overviewSchema })
  async overview(
    @Caller() caller: ApiKey,
    @Query({ schema: overviewQuerySchema }) query: OverviewQuery,
  ): Promise<OverviewView> {
    return presentOverview(await this.analytics.overview(this.scopeOf(caller, query)));
  }

  @Get('trends')
  @ApiOperation({ summary: 'Incidents, repairs and runs by day or week.' })
  @ApiOkResponse({ standardSchema: trendsSchema })
  async trends(
    @Caller() caller: ApiKey,
    @Query({ schema: trendsQuerySchema }) { interval, ...query }: TrendsQuery,
  ): Promise<TrendsView> {
    const buckets = await this.analytics.trends(this.scopeOf(caller, query), interval);
    return { interval, items: buckets.map(presentBucket) };
  }

  @Get('mttr')
  @ApiOperation({ summary: 'Times to diagnosis and to repair, altogether and by project, category or job.' })
  @ApiOkResponse({ standardSchema: mttrSchema })
  async mttr(
    @Caller() caller: ApiKey,
    @Query({ schema: mttrQuerySchema }) { by, limit, ...query }: MttrQuery,
  ): Promise<MttrView> {
    const scope = this.scopeOf(caller, query);
    const [{ timeToDiagnosis, timeToRepair }, groups] = await Promise.all([
      this.analytics.overview(scope),
      this.analytics.groups(scope, by, 'repair', limit),
    ]);
    return { by, timeToDiagnosis, timeToRepair, items: groups.map(presentGroup) };
  }

  @Get('top')
  @ApiOperation({ summary: 'What fails most often: patterns, jobs or branches.' })
  @ApiOkResponse({ standardSchema: groupsSchema })
  async top(
    @Caller() caller: ApiKey,
    @Query({ schema: topQuerySchema }) { by, limit, ...query }: TopQuery,
  ): Promise<GroupsView> {
    const groups = await this.analytics.groups(this.scopeOf(caller, query), by, 'occurrences', limit);
    return { by, items: groups.map(presentGroup) };
  }

  @Get('flaky')
  @ApiOperation({ summary: 'Patterns that passed on the very commit that had failed.' })
  @ApiOkResponse({ standardSchema: flakySchema })
  async flaky(
    @Caller() caller: ApiKey,
    @Query({ schema: flakyQuerySchema }) { limit, ...query }: FlakyQuery,
  ): Promise<{ items: FlakyView[] }> {
    return { items: (await this.analytics.flaky(this.scopeOf(caller, query), limit)).map(presentFlaky) };
  }

  @Get('repositories/:id/health')
  @ApiOperation({ summary: 'A repository’s figures, with what fails most often in it and what is flaky.' })
  @ApiOkResponse({ standardSchema: healthSchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  async health(
    @Caller() caller: ApiKey,
    @Param('id', ParseUUIDPipe) id: string,
    @Query({ schema: healthQuerySchema }) query: HealthQuery,
  ): Promise<HealthView> {
    const project = await this.projects.find(id);
    if (!project || visibleProjects(caller, id)?.length === 0) throw new ProjectNotFound(id);
    const scope = this.scopeOf(caller, { ...query, project: id });
    const [overview, top, flaky] = await Promise.all([
      this.analytics.overview(scope),
      this.analytics.groups(scope, 'pattern', 'occurrences', SHOWN),
      this.analytics.flaky(scope, SHOWN),
    ]);
    return {
      projectId: id,
      repository: repositoryName(project.repository),
      ...presentOverview(overview),
      top: top.map(presentGroup),
      flaky: flaky.map(presentFlaky),
    };
  }

  private scopeOf(caller: ApiKey, { project, days, from, to }: OverviewQuery): AnalyticsScope {
    const period: AnalyticsPeriod =
      from === undefined ? { days: days ?? DEFAULT_DAYS } : { from, to: to ?? this.endOfMinute() };
    return { projectIds: visibleProjects(caller, project) ?? null, period };
  }

  /** “Until now” for whoever asks within a minute, so that the second asks the same. */
  private endOfMinute(): Date {
    return new Date((Math.floor(this.clock.now().getTime() / MINUTE_MS) + 1) * MINUTE_MS);
  }
}
