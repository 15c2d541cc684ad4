import { resolve } from 'node:path';
import { InvalidConfiguration } from './invalid-configuration.js';

const FILE = '.env';

/**
 * The environment variables of this process, and behind them those of `.env` in its working directory: what stands in
 * the environment goes before the file. A missing file is fine. Under NODE_ENV=test the file is left alone, so that a
 * test doesn't depend on whose machine it runs on.
 * @throws InvalidConfiguration when the file is there but can't be read
 */
export function processEnvironment(): NodeJS.ProcessEnv {
  if (process.env['NODE_ENV'] === 'test') return process.env;
  try {
    process.loadEnvFile(FILE);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT')
      throw new InvalidConfiguration([
        `${resolve(FILE)} can't be read (${code ?? message}). Make it readable to this user, or remove it.`,
      ]);
  }
  return process.env;
}
