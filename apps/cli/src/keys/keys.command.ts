import { existsSync } from 'node:fs';
import { loadConfig, type Config } from '@app/config';
import { InvalidInput, ROLES, type Role } from '@app/domain';
import { IssueApiKey } from '@app/pipeline';
import { Option, type Command } from 'commander';
import { findProject } from '../projects/find-project.js';
import { withPersistence } from '../with-persistence.js';

/** API keys, straight in the database: also while the server runs, and before it ever did. */
export function addKeysCommand(program: Command): void {
  const keys = program.command('keys').description('API keys: create, list, revoke.');
  keys
    .command('create')
    .description('Makes a key and prints it once.')
    .argument('[name]', 'who or what uses it', 'cli')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).default('operator'))
    .option('--project <project...>', 'only these projects (owner/name, or ids); default: all')
    .action((name: string, options: { role: Role; project?: string[] }) =>
      withPersistence(loadConfig(), async (persistence) => {
        const named = options.project?.map((each) => findProject(persistence, each)) ?? null;
        const ids = named && (await Promise.all(named)).map(({ id }) => id);
        const { key, record } = await new IssueApiKey(persistence.apiKeys).run(name, options.role, ids);
        print(`${key}\n`);
        process.stderr.write(
          `Key “${record.name}” (${record.role}, id ${record.id}). It is shown only now; keep it somewhere safe.\n`,
        );
      }),
    );
  keys
    .command('list')
    .description('Lists keys; the keys themselves are not stored.')
    .action(() =>
      withPersistence(withExistingData(), async ({ apiKeys }) => {
        const all = await apiKeys.list();
        if (all.length === 0) print('No keys. `npm run cli -- keys create` makes one.\n');
        for (const key of all) {
          const state = key.revokedAt ? `revoked ${day(key.revokedAt)}` : 'active';
          const scope = key.projectIds === null ? 'all projects' : `${key.projectIds.length} projects`;
          print(
            `${key.id}  ${key.role.padEnd(8)}  ${state.padEnd(18)}  ${scope}  created ${day(key.createdAt)}  ${key.name}\n`,
          );
        }
      }),
    );
  keys
    .command('revoke')
    .description('Ends a key: servers refuse it within a second.')
    .argument('<id>', 'the key’s id, as keys list shows it')
    .action((id: string) =>
      withPersistence(withExistingData(), async ({ apiKeys }) => {
        if (await apiKeys.revoke(id)) print(`Key ${id} is revoked.\n`);
        else throw new Error(`No active key has the id ${id}; \`keys list\` shows them.`);
      }),
    );
}

/**
 * The configuration of a product that was started before: to look for keys must not make a database.
 * @throws InvalidInput when the folder of the embedded database is not there
 */
function withExistingData(): Config {
  const config = loadConfig();
  if (config.database.url === null && !existsSync(config.dataDir))
    throw new InvalidInput(
      `There are no keys: ${config.dataDir}, where the embedded database would be, does not exist. Set DATA_DIR to the server's folder, or DATABASE_URL to its database; \`keys create\` makes a new one.`,
      { dataDir: config.dataDir },
    );
  return config;
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function print(text: string): void {
  process.stdout.write(text);
}
