import { loadConfig } from '@app/config';
import { openPersistence } from '@app/persistence';
import type { Command } from 'commander';

export function addMigrateCommand(program: Command): void {
  program
    .command('migrate')
    .description('Brings the database to this version’s schema; every start does the same.')
    .action(async () => {
      const persistence = await openPersistence(loadConfig());
      await persistence.close();
      process.stdout.write('The database is up to date.\n');
    });
}
