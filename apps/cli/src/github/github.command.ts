import { loadConfig } from '@app/config';
import { InvalidInput } from '@app/domain';
import { appHostOf, AppSetupLinks } from '@app/github';
import { createSecretBox } from '@app/persistence';
import { SystemClock } from '@app/telemetry';
import type { Command } from 'commander';
import { withPersistence } from '../with-persistence.js';

/** The GitHub App that the product has made from its manifest; straight in the database, like keys. */
export function addGithubCommand(program: Command): void {
  const github = program.command('github').description('The product’s GitHub App: set it up, forget it.');
  github
    .command('setup')
    .description(
      'Prints a link that leads a browser through the creation of the GitHub App (needs PUBLIC_URL).',
    )
    .action(() =>
      withPersistence(loadConfig(), async ({ githubApps: apps, githubAppSetups: setups }, config) => {
        const links = new AppSetupLinks({ apps, setups }, createSecretBox(config), new SystemClock(), config);
        const { url, expiresAt } = await links.begin('cli');
        process.stdout.write(`${url}\n`);
        process.stderr.write(
          `Open it in a browser until ${expiresAt.toISOString()}, while the server runs. It works once, in the first browser that opens it.\n`,
        );
      }),
    );
  github
    .command('forget')
    .description(
      'Removes the GitHub App that was set up from this product. GitHub keeps it until you delete it there.',
    )
    .action(() =>
      withPersistence(loadConfig(), async ({ githubApps }, { github: { apiUrl } }) => {
        const host = appHostOf(apiUrl);
        const app = await githubApps.find(host);
        if (!app || !(await githubApps.remove(host)))
          throw new InvalidInput(`No GitHub App was set up for ${host}.`, { host });
        process.stdout.write(
          `The GitHub App ${app.slug} is forgotten; running processes know within seconds. Delete it at ${app.url}\n`,
        );
      }),
    );
}
