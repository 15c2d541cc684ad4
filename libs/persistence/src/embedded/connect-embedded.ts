import type { Log } from '@app/domain';
import type { EmbeddedConnection, EmbeddedOptions } from './embedded-connection.js';
import { EmbeddedMembership } from './embedded-membership.js';

/**
 * Connects to the process that has the data directory open, or becomes that process: now, and again whenever the host
 * goes away.
 * @throws DataDirInUse when the other process does not answer
 */
export async function connectEmbedded(
  dataDir: string,
  log: Log,
  options: EmbeddedOptions = {},
): Promise<EmbeddedConnection> {
  return EmbeddedMembership.join(dataDir, log, options);
}
