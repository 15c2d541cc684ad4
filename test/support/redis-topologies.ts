import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { freePort } from './product-process.js';

const SLOTS = 16_384;

/** Servers that were started together; `stop` ends them and removes what they wrote. */
export interface Topology {
  readonly ports: readonly number[];
  /** Ends one of them at once. */
  kill(port: number): Promise<void>;
  stop(): Promise<void>;
}

/** Three nodes that share the slots. */
export async function startCluster(): Promise<Topology> {
  const topology = await start(3, (port) => [
    ['--port', `${port}`, '--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${port}.conf`],
    port,
  ]);
  const { ports } = topology;
  const share = Math.ceil(SLOTS / ports.length);
  for (const [index, port] of ports.entries()) {
    const last = Math.min(SLOTS, (index + 1) * share) - 1;
    await command(port, 'CLUSTER', 'ADDSLOTSRANGE', `${index * share}`, `${last}`);
    if (index > 0) await command(port, 'CLUSTER', 'MEET', '127.0.0.1', `${ports[0]}`);
  }
  for (const port of ports)
    await until(async () => /cluster_state:ok/.test(await command(port, 'CLUSTER', 'INFO')));
  return topology;
}

/** A master, a replica, and one sentinel that watches them as `mymaster`; ports in this order. */
export async function startSentinel(): Promise<Topology> {
  let masterPort = 0;
  return start(3, async (port, index, directory) => {
    if (index === 0) masterPort = port;
    if (index === 0) return [['--port', `${port}`], port];
    if (index === 1) return [['--port', `${port}`, '--replicaof', '127.0.0.1', `${masterPort}`], port];
    const file = join(directory, 'sentinel.conf');
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `sentinel monitor mymaster 127.0.0.1 ${masterPort} 1`,
      'sentinel down-after-milliseconds mymaster 500',
      'sentinel failover-timeout mymaster 2000',
    ];
    await writeFile(file, lines.join('\n'));
    return [[file, '--sentinel'], port];
  });
}

/** A server that speaks TLS only, with a certificate of an authority of its own. */
export async function startTlsRedis(password: string): Promise<Topology & { readonly caFile: string }> {
  const files = await mkdtemp(join(tmpdir(), 'devflowfix-tls-'));
  const [key, certificate] = [join(files, 'server.key'), join(files, 'server.crt')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const made = ['-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...made, ...subject], { stdio: 'ignore' });
  const tls = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate];
  const topology = await start(1, (port) => [
    ['--port', '0', '--tls-port', `${port}`, ...tls, '--tls-auth-clients', 'no', '--requirepass', password],
    null,
  ]);
  const stop = async (): Promise<void> => {
    await topology.stop();
    await rm(files, { recursive: true, force: true });
  };
  return { ...topology, stop, caFile: certificate };
}

type Arguments = [args: string[], answersAt: number | null];

async function start(
  count: number,
  argumentsOf: (port: number, index: number, directory: string) => Arguments | Promise<Arguments>,
): Promise<Topology> {
  const directory = await mkdtemp(join(tmpdir(), 'devflowfix-redis-'));
  const children = new Map<number, ChildProcess>();
  for (let index = 0; index < count; index += 1) {
    const port = await freePort();
    const [args, answersAt] = await argumentsOf(port, index, directory);
    const memoryOnly = args.includes('--sentinel')
      ? []
      : ['--save', '', '--appendonly', 'no', '--bind', '127.0.0.1'];
    const child = spawn('redis-server', [...args, ...memoryOnly], { stdio: 'ignore', cwd: directory });
    process.once('exit', () => child.kill('SIGKILL'));
    children.set(port, child);
    if (answersAt !== null) await until(async () => (await command(answersAt, 'PING')) === 'PONG');
  }
  const kill = async (port: number): Promise<void> => {
    const child = children.get(port)!;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const stop = async (): Promise<void> => {
    await Promise.all([...children.keys()].map(kill));
    await rm(directory, { recursive: true, force: true });
  };
  return { ports: [...children.keys()], kill, stop };
}

async function command(port: number, ...words: string[]): Promise<string> {
  const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: false } });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return String(await client.sendCommand(words));
  } finally {
    client.destroy();
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 20));
}
