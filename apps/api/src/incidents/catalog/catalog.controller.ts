import { IncidentCatalog, type ApiKey, type IncidentFacets } from '@app/domain';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequireRole } from '../../auth/api-key.guard.js';
import { Caller } from '../../auth/caller.decorator.js';
import { incidentFilterSchema, type IncidentFilterQuery } from '../incident.schemas.js';
import { scopedFilter, visibleProjects } from '../incident-reader.js';
import {
  facetsSchema,
  statsQuerySchema,
  statsSchema,
  type FacetsView,
  type StatsQuery,
  type StatsView,
} from './catalog.schemas.js';

@ApiTags('incidents')
@ApiBearerAuth()
@RequireRole('viewer')
@Controller('incidents')
export class CatalogController {
  constructor(private readonly catalog: IncidentCatalog) {}

  @Get('facets')
  @ApiOperation({
    summary:
      'Counts by category, status, severity, determinism, project and branch, under the filters of the list.',
  })
  @ApiOkResponse({ standardSchema: facetsSchema })
  async facets(
    @Caller() caller: ApiKey,
    @Query({ schema: incidentFilterSchema }) query: IncidentFilterQuery,
  ): Promise<FacetsView> {
    return presentFacets(await this.catalog.facets(scopedFilter(caller, query)));
  }

  @Get('stats')
  @ApiOperation({ summary: 'Totals of the incidents that the caller may see, or of one project.' })
  @ApiOkResponse({ standardSchema: statsSchema })
  async stats(
    @Caller() caller: ApiKey,
    @Query({ schema: statsQuerySchema }) { project }: StatsQuery,
  ): Promise<StatsView> {
    const stats = await this.catalog.stats(visibleProjects(caller, project) ?? null);
    return { ...stats, byStatus: { ...stats.byStatus }, lastUpdatedAt: stats.lastUpdatedAt.toISOString() };
  }
}

function presentFacets({ total, ...facets }: IncidentFacets): FacetsView {
  return {
    total,
    category: [...facets.category],
    status: [...facets.status],
    severity: [...facets.severity],
    determinism: [...facets.determinism],
    project: [...facets.project],
    branch: [...facets.branch],
  };
}
