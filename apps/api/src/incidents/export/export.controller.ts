import { Readable } from 'node:stream';
import {
  IncidentRepository,
  repositoryName,
  type ApiKey,
  type Incident,
  type IncidentFilter,
} from '@app/domain';
import { Controller, Get, Query, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { RequireRole } from '../../auth/api-key.guard.js';
import { Caller } from '../../auth/caller.decorator.js';
import { incidentFilterSchema, type IncidentFilterQuery } from '../incident.schemas.js';
import { scopedFilter } from '../incident-reader.js';
import { csvLine } from './csv.js';

/** Incidents of one statement: others have their turn between two. */
const PAGE = 500;

const COLUMNS: readonly (readonly [name: string, of: (incident: Incident) => string | number | null])[] = [
  ['id', ({ id }) => id],
  ['repository', ({ repository }) => repositoryName(repository)],
  ['workflow', ({ workflowName }) => workflowName],
  ['job', ({ jobName }) => jobName],
  ['run_id', ({ runId }) => runId],
  ['attempt', ({ latestAttempt }) => latestAttempt],
  ['branch', ({ branch }) => branch],
  ['commit', ({ headSha }) => headSha],
  ['status', ({ status }) => status],
  ['category', ({ category }) => category],
  ['subcategory', ({ subcategory }) => subcategory],
  ['severity', ({ severity }) => severity],
  ['determinism', ({ determinism }) => determinism],
  ['confidence', ({ confidence }) => confidence],
  ['fingerprint', ({ fingerprint }) => fingerprint],
  ['failed_step', ({ failedStep }) => failedStep],
  ['occurrences', ({ occurrences }) => occurrences],
  ['opened_at', ({ openedAt }) => openedAt.toISOString()],
  ['last_failed_at', ({ lastFailedAt }) => lastFailedAt.toISOString()],
  ['repaired_at', ({ verifiedBy }) => verifiedBy?.passedAt.toISOString() ?? null],
  ['url', ({ url }) => url],
];

@ApiTags('incidents')
@ApiBearerAuth()
@RequireRole('viewer')
@Controller('export')
export class ExportController {
  constructor(private readonly incidents: IncidentRepository) {}

  @Get('incidents.csv')
  @ApiOperation({
    summary: 'Incidents as CSV, newest first, under the filters of the list; as many as there are.',
    description: 'Texts that a spreadsheet would take for a formula stand behind an apostrophe.',
  })
  @ApiProduces('text/csv')
  @ApiOkResponse({
    description: 'CSV with a header line.',
    content: { 'text/csv': { schema: { type: 'string' } } },
  })
  csv(
    @Caller() caller: ApiKey,
    @Query({ schema: incidentFilterSchema }) query: IncidentFilterQuery,
  ): StreamableFile {
    return new StreamableFile(Readable.from(this.lines(scopedFilter(caller, query))), {
      type: 'text/csv; charset=utf-8; header=present',
      disposition: 'attachment; filename="incidents.csv"',
    });
  }

  /** A page is read when the one before was taken: a slow reader holds nothing. */
  private async *lines(filter: IncidentFilter): AsyncGenerator<string> {
    yield csvLine(COLUMNS.map(([name]) => name));
    if (filter.projectIds?.length === 0) return;
    let cursor: string | null = null;
    do {
      const page = await this.incidents.list(filter, PAGE, cursor);
      yield page.items.map((incident) => csvLine(COLUMNS.map(([, of]) => of(incident)))).join('');
      cursor = page.nextCursor;
    } while (cursor !== null);
  }
}
