import { InvalidConfiguration, type Config } from '@app/config';
import type { Log } from '@app/domain';
import { failed, ok, type Check } from './check.js';
import { dataDirectoryPart } from './data-directory-part.js';
import { databasePart } from './database-part.js';
import { githubPart } from './github/github-part.js';
import type { Looked } from './looked.js';
import { modelPart } from './model-part.js';
import { redisPart } from './redis/redis-part.js';

/** What is checked of a valid configuration after the database, in this order. Whoever has something to check adds it here. */
const PARTS: readonly ((config: Config, log: Log, looked: Looked) => Check[])[] = [
  redisPart,
  githubPart,
  modelPart,
];

/** All checks; of a configuration that is wrong there is no more than that to check. */
export function doctorChecks(load: () => Config, log: Log): Check[] {
  const name = 'configuration';
  try {
    const config = load();
    const database = databasePart(config, log);
    return [
      { name, run: async () => ok('every variable is valid') },
      ...dataDirectoryPart(config),
      ...database.checks,
      ...PARTS.flatMap((part) => part(config, log, { database: database.found })),
    ];
  } catch (error) {
    if (!(error instanceof InvalidConfiguration)) throw error;
    const finding = failed(
      error.code,
      error.problems.join('; '),
      'Correct these variables; .env.example explains each. The other checks wait for them.',
    );
    return [{ name, run: async () => finding }];
  }
}
