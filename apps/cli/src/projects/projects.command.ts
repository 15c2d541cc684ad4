import { createCache } from '@app/cache';
import { loadConfig, type Config } from '@app/config';
import { InvalidInput, repositoryName, retentionInForce } from '@app/domain';
import type { Persistence } from '@app/persistence';
import { EraseProject } from '@app/pipeline';
import { Metrics, PinoLog } from '@app/telemetry';
import { InvalidArgumentError, type Command } from 'commander';
import { findProject } from './find-project.js';
import { mayLeaveCaches } from './unreached-caches.js';
import { withPersistence } from '../with-persistence.js';

export function addProjectsCommand(program: Command): void {
  const projects = program
    .command('projects')
    .description('Projects: list, erase, how long things are kept.');
  projects
    .command('list')
    .description('Lists the projects.')
    .action(() =>
      withPersistence(loadConfig(), async ({ projects }) => {
        for (const { id, repository } of await projects.list())
          print(`${id}  ${repositoryName(repository)}\n`);
      }),
    );
  projects
    .command('erase')
    .description(
      'Deletes a project with everything that is kept of it. A later webhook makes it anew, empty. Beside a server on the embedded database without Redis, ask the server instead: DELETE /api/v1/projects/{id}.',
    )
    .argument('<repository>', 'owner/name, or host/owner/name')
    .option('--yes', 'yes, delete it')
    .action((repository: string, options: { yes?: true }) =>
      withPersistence(loadConfig(), (persistence, config) =>
        erase(persistence, config, repository, options.yes === true),
      ),
    );
  projects
    .command('retention')
    .description('Shows how many days a project’s logs and diagnoses are kept, or changes it.')
    .argument('<repository>', 'owner/name, or host/owner/name')
    .option('--logs <days>', 'redacted logs; “default”: as configured for all', daysOrDefault)
    .option(
      '--diagnoses <days>',
      'incidents with their diagnoses; “default”: as configured for all',
      daysOrDefault,
    )
    .action((repository: string, options: { logs?: number | null; diagnoses?: number | null }) =>
      withPersistence(loadConfig(), async (persistence, { retention: general }) => {
        const { id } = await findProject(persistence, repository);
        const own = await persistence.retention.ofProject(id);
        const { logs: logDays = own.logDays, diagnoses: diagnosisDays = own.diagnosisDays } = options;
        const inForce = retentionInForce({ logDays, diagnosisDays }, general);
        await persistence.retention.setForProject(id, { logDays, diagnosisDays });
        print(`Logs are kept ${inForce.logDays} days, diagnoses ${inForce.diagnosisDays} days.\n`);
      }),
    );
}

async function erase(
  persistence: Persistence,
  config: Config,
  repository: string,
  isConfirmed: boolean,
): Promise<void> {
  const { id } = await findProject(persistence, repository);
  if (!isConfirmed) {
    throw new InvalidInput(`This deletes everything that is kept of ${repository}. Say --yes to do it.`);
  }
  const leavesCaches = mayLeaveCaches(persistence, config, id);
  const log = PinoLog.create({ level: 'silent' });
  const handle = createCache(config, log, new Metrics());
  try {
    const { rows, cacheKeys } = await new EraseProject(persistence.eraser, handle.cache, log).run(id);
    for (const [table, count] of Object.entries(rows).toSorted())
      print(`${String(count).padStart(8)} ${table}\n`);
    print(`${String(cacheKeys).padStart(8)} cache keys\n`);
    if (leavesCaches)
      process.stderr.write(
        'No Redis is shared: a server that runs keeps what is in its own cache. Restart it to have it forget the project.\n',
      );
  } finally {
    await handle.close();
  }
}

function daysOrDefault(text: string): number | null {
  if (text === 'default') return null;
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('A whole number of days, or “default”.');
  return Number(text);
}

function print(text: string): void {
  process.stdout.write(text);
}
