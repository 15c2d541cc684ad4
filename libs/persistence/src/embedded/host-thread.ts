import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import type { HostFigures, HostOrder, HostReport, HostThreadData } from './host-messages.js';
import { maintainDatabase } from './maintenance.js';
import { Multiplexer } from './multiplexer.js';
import { PgliteSession } from './pglite-session.js';

/** A row of PostgreSQL ends at 1 GB; half of that would take all memory that WebAssembly has. */
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;

/** How long clients may go on with what they are at once the host wants to end. */
const FINISH_LIMIT_MS = 5_000;
/** How long the last words to clients may take, one of which may be stopped and never hear them. */
const LAST_WORDS_MS = 500;

/** Statements that took most time, told when somebody asks for figures. */
const STATEMENTS_TOLD = 20;

/** Entry of the worker thread that hosts PGlite: statements run synchronously and would block any other thread. */
const { databaseDir, socketPath, idleInTransactionMs, maintenanceIntervalMs } = workerData as HostThreadData;

const session = await PgliteSession.open(databaseDir);
const multiplexer = new Multiplexer(session, {
  idleInTransactionMs,
  maxMessageBytes: MAX_MESSAGE_BYTES,
  serverParameters: session.serverParameters,
});
const server = createServer((socket) => multiplexer.accept(socket));

// Whoever killed an earlier host left its socket file.
rmSync(socketPath, { force: true });
await new Promise<void>((resolve, reject) => {
  server.once('error', reject);
  server.listen(socketPath, resolve);
});
chmodSync(socketPath, 0o600);

const timer = setInterval(() => void maintain(), maintenanceIntervalMs);
parentPort!.on('message', (order: HostOrder) => {
  if (order === 'close') void close();
  else if (order === 'maintain') void maintain();
  else report({ kind: 'figures', figures: figures() });
});
report({ kind: 'ready' });

function figures(): HostFigures {
  const { user, system } = process.threadCpuUsage();
  return { ...multiplexer.figures.report(STATEMENTS_TOLD), cpuMs: (user + system) / 1_000 };
}

async function maintain(): Promise<void> {
  const startedAt = performance.now();
  try {
    const tables = await maintainDatabase(multiplexer);
    report({ kind: 'maintained', tables, ms: Math.round(performance.now() - startedAt) });
  } catch (error) {
    report({ kind: 'maintenance_failed', error: (error as Error).message });
  }
}

async function close(): Promise<void> {
  clearInterval(timer);
  // Takes the socket's file away: from now on clients wait for the next host.
  server.close();
  await multiplexer.close(FINISH_LIMIT_MS);
  await session.close();
  parentPort!.close();
  setTimeout(() => process.exit(0), LAST_WORDS_MS).unref();
}

function report(message: HostReport): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort!.postMessage(message);
}
