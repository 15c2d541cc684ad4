import type { Config } from '@app/config';
import { ApiKeyRepository } from '@app/domain';
import { IssueApiKey } from '@app/pipeline';
import type { INestApplicationContext } from '@nestjs/common';

/**
 * On embedded parts, which listen on loopback only, the first start makes an admin key and prints it once. With a
 * database server the first key comes from `keys create`.
 */
export async function printFirstKey(
  app: INestApplicationContext,
  config: Config,
  url: string,
): Promise<void> {
  if (config.database.url !== null) return;
  const keys = await app.get(ApiKeyRepository).list();
  if (keys.some(({ revokedAt }) => revokedAt === null)) return;
  const { key } = await app.get(IssueApiKey).run('first start', 'admin');
  process.stdout.write(
    `\nFirst start: this admin API key is shown only now.\n  ${key}\n  curl -H 'Authorization: Bearer ${key}' ${url}/api/v1/incidents\n\n`,
  );
}
