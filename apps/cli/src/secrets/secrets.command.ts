import { loadConfig } from '@app/config';
import { createSecretBox, keyFileOf, newSecretKey, openPersistence } from '@app/persistence';
import type { Command } from 'commander';

export function addSecretsCommand(program: Command): void {
  const secrets = program.command('secrets').description('Secrets that the database keeps sealed.');
  secrets
    .command('new-key')
    .description('Prints a new key for SECRETS_KEY.')
    .action(() => {
      process.stdout.write(`${newSecretKey()}\n`);
    });
  secrets
    .command('rotate')
    .description(
      'Seals every secret with the newest key. Before: SECRETS_KEY the new one and SECRETS_KEY_PREVIOUS the old one, in every process. (An embedded database without SECRETS_KEY makes its new key itself.)',
    )
    .action(rotate);
}

async function rotate(): Promise<void> {
  const config = loadConfig();
  const file = keyFileOf(config);
  const persistence = await openPersistence(config);
  try {
    const box = createSecretBox(config);
    // A rotation that was broken off left two keys: it is ended with the newer one.
    if (file && file.ids().length < 2) file.addNew();
    const { resealed, current, unreadable } = await persistence.sealedSecrets(box).rotate();
    process.stdout.write(`${resealed} secrets sealed anew, ${current} were already.\n`);
    for (const { context, reason } of unreadable) process.stderr.write(`${context}: ${reason}\n`);
    if (unreadable.length > 0) process.exitCode = 1;
    else if (file) file.keepNewest();
    else process.stdout.write('SECRETS_KEY_PREVIOUS is not needed any more.\n');
  } finally {
    await persistence.close();
  }
}
