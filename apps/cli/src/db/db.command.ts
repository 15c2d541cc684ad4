import { resolve } from 'node:path';
import { loadConfig } from '@app/config';
import { InvalidInput } from '@app/domain';
import { backUp, moveToServer, restore, type Transferred } from '@app/persistence';
import type { Command } from 'commander';

export function addDbCommand(program: Command): void {
  const db = program
    .command('db')
    .description('The database as a whole: back up, restore, move to a server.');
  db.command('backup')
    .description('Writes everything into a file, also while the product runs.')
    .argument('<file>', 'where to')
    .action(async (file: string) => {
      const path = resolve(file);
      print(await backUp(loadConfig(), path), `in ${path}`);
      if (loadConfig().secrets.key === null && loadConfig().database.url === null) {
        process.stdout.write(
          'The key of sealed secrets, DATA_DIR/secrets.key, is not in it: keep that apart.\n',
        );
      }
    });
  db.command('restore')
    .description(
      'Puts a backup in the database’s place. The product must not run; what was there is kept beside it.',
    )
    .argument('<file>', 'a backup')
    .action(async (file: string) => {
      const { tables, before } = await restore(loadConfig(), resolve(file));
      print(tables, 'restored');
      if (before !== null) process.stdout.write(`What was there before is in ${before}.\n`);
    });
  db.command('move-to-postgres')
    .description(
      'Copies the embedded database into an empty one of a PostgreSQL server, and compares both. The product must not run: what it accepted meanwhile would be left behind.',
    )
    .argument('<url>', 'postgres://user:password@host:5432/database')
    .action(async (url: string) => {
      const config = loadConfig();
      if (config.database.url !== null) {
        throw new InvalidInput(
          'DATABASE_URL is set: what is to be moved is the embedded database. Unset it.',
        );
      }
      if (!/^postgres(?:ql)?:\/\//.test(url))
        throw new InvalidInput(`“${url.slice(0, 12)}…” is no postgres:// URL.`);
      print(await moveToServer(config, url), 'copied and compared, row by row');
      process.stdout.write(
        'Set DATABASE_URL to the server and start the product. Where secrets are sealed, also SECRETS_KEY, and SECRETS_KEY_PREVIOUS to the content of DATA_DIR/secrets.key; then run “secrets rotate”.\n',
      );
    });
}

function print(tables: Transferred, what: string): void {
  let total = 0;
  for (const [table, { rows, sha256 }] of tables) {
    total += rows;
    process.stdout.write(`${String(rows).padStart(10)}  ${sha256.slice(0, 12)}  ${table}\n`);
  }
  process.stdout.write(`${String(total).padStart(10)}  rows ${what}.\n`);
}
