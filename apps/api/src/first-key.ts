import type { Config } from '@app/config';
import { ApiKeyRepository } from '@app/domain';
import { IssueApiKey } from '@app/pipeline';
import type { INestApplicationContext } from '@nestjs/common';
import { isLoopbackHost } from './http/loopback.js';

/**
 * How the first API key comes about. On the embedded database and a loopback address the first start makes an admin key
 * and prints it once: whoever reads the terminal owns the machine. On any other address (a container listens on all of
 * them) the output ends in a log that others read, so the server starts without a key and says how to make one; until
 * then every request is refused. With a database server the first key comes from `keys create` as well.
 */
export async function offerFirstKey(
  app: INestApplicationContext,
  config: Config,
  url: string,
): Promise<void> {
  if (config.database.url !== null) return;
  const keys = await app.get(ApiKeyRepository).list();
  if (keys.some(({ revokedAt }) => revokedAt === null)) return;
  if (!isLoopbackHost(config.http.host)) {
    process.stdout.write(
      `\nThere is no API key yet. None is printed, because ${config.http.host} is reached from other machines. ` +
        `Make one beside this server (in its container: docker exec):\n  npm run cli -- keys create admin --role admin\n\n`,
    );
    return;
  }
  const { key } = await app.get(IssueApiKey).run('first start', 'admin');
  process.stdout.write(
    `\nFirst start: this admin API key is shown only now.\n  ${key}\n  curl -H 'Authorization: Bearer ${key}' ${url}/api/v1/incidents\n\n`,
  );
}
