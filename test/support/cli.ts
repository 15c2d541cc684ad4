import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { COMPILE_CACHE, nodeArguments } from './product-process.js';

export interface CliOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the built command line to its end. It inherits nothing but `PATH`: most commands need no server, no database, no
 * network.
 */
export async function runCli(
  args: readonly string[],
  { env = {}, cwd, input }: { env?: Record<string, string>; cwd?: string; input?: string } = {},
): Promise<CliOutcome> {
  const child = spawn(process.execPath, [...nodeArguments('cli'), ...args], {
    ...(cwd !== undefined && { cwd }),
    env: { ...COMPILE_CACHE, PATH: process.env['PATH'], ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A command that never reads its input may end before it has all of it.
  child.stdin.on('error', () => undefined).end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** A new API key of the database that the settings name, which a running product may hold. @throws with what was printed */
export async function createKey(
  store: Readonly<Record<string, string>>,
  role: 'viewer' | 'operator' | 'admin',
  ...projectIds: string[]
): Promise<string> {
  const scope = projectIds.length > 0 ? ['--project', ...projectIds] : [];
  const { code, stdout, stderr } = await runCli(['keys', 'create', 'made', '--role', role, ...scope], {
    env: { NODE_ENV: 'test', ...store, LOG_LEVEL: 'warn' },
  });
  if (code !== 0) throw new Error(`No key was made: ${stdout}${stderr}`);
  return stdout.trim();
}
