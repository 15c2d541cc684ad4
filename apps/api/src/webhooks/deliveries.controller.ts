import {
  DeliveryNotFound,
  DeliveryNotReplayable,
  DeliveryRepository,
  repositoryName,
  type ApiKey,
  type Delivery,
  type StoredDelivery,
} from '@app/domain';
import { readDelivery } from '@app/github';
import { IngestDelivery } from '@app/pipeline';
import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { RequireRole } from '../auth/api-key.guard.js';
import { Caller } from '../auth/caller.decorator.js';
import { problemSchema } from '../http/problem.js';
import { visibleProjects } from '../incidents/incident-reader.js';
import {
  deliveryListQuerySchema,
  deliveryPageSchema,
  deliverySchema,
  type DeliveryListQuery,
  type DeliveryView,
} from './delivery.schemas.js';

@ApiTags('webhooks')
@ApiBearerAuth()
@RequireRole('operator')
@Controller('webhooks/deliveries')
export class DeliveriesController {
  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly ingest: IngestDelivery,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What arrived, newest first, and what became of it.' })
  @ApiOkResponse({ standardSchema: deliveryPageSchema })
  async list(
    @Caller() caller: ApiKey,
    @Query({ schema: deliveryListQuerySchema }) query: DeliveryListQuery,
  ): Promise<{ items: DeliveryView[]; nextCursor: string | null }> {
    const projectIds = visibleProjects(caller, query.project);
    if (projectIds?.length === 0) return { items: [], nextCursor: null };
    const { status, event, limit, cursor } = query;
    const filter = { projectIds, event, status: status === undefined ? undefined : [status] };
    const page = await this.deliveries.list(filter, limit, cursor ?? null);
    return { items: page.items.map(presentDelivery), nextCursor: page.nextCursor };
  }

  @Post(':id/replay')
  @HttpCode(200)
  @ApiOperation({ summary: 'Runs a stored delivery again; what it has done already is not done twice.' })
  @ApiOkResponse({ standardSchema: deliverySchema })
  @ApiNotFoundResponse({ standardSchema: problemSchema })
  @ApiConflictResponse({ standardSchema: problemSchema, description: 'Nothing that it told is kept.' })
  async replay(@Caller() caller: ApiKey, @Param('id') id: string): Promise<DeliveryView> {
    const stored = await this.get(caller, id);
    await this.ingest.run(await this.again(stored), { isShared: false, isReplay: true });
    return presentDelivery(await this.get(caller, id));
  }

  private async get(caller: ApiKey, id: string): Promise<StoredDelivery> {
    const found = await this.deliveries.find(id);
    const isVisible =
      found &&
      (caller.projectIds === null ||
        (found.projectId !== null && caller.projectIds.includes(found.projectId)));
    if (!isVisible) throw new DeliveryNotFound(id);
    return found;
  }

  /** As this version reads it; what came without a payload (a run found by comparison) as it was understood then. */
  private async again(stored: StoredDelivery): Promise<Delivery> {
    const { id, event, action, repository, receivedAt, meaning } = stored;
    const payload = await this.deliveries.findPayload(id);
    if (payload) return readDelivery({ id, event, payload, receivedAt });
    if (meaning.kind === 'ignored') throw new DeliveryNotReplayable(id);
    return { id, event, action, repository, receivedAt, meaning };
  }
}

function presentDelivery(delivery: StoredDelivery): DeliveryView {
  const { id, event, action, projectId, repository, receivedAt, meaning, status, note, incidentIds } =
    delivery;
  return {
    id,
    event,
    action,
    projectId,
    repository: repository && repositoryName(repository),
    receivedAt: receivedAt.toISOString(),
    meaning: meaning.kind,
    status,
    note,
    incidents: [...incidentIds],
  };
}
