import type { Config } from '@app/config';
import { openPersistence, type Persistence } from '@app/persistence';

/** Works on the configured database, beside a server that runs on it, and leaves it in any case. */
export async function withPersistence(
  config: Config,
  work: (persistence: Persistence, config: Config) => Promise<void>,
): Promise<void> {
  const persistence = await openPersistence(config);
  try {
    await work(persistence, config);
  } finally {
    await persistence.close();
  }
}
