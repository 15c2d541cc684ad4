import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

const LOCK_FILE = 'postgres.lock';
const HEARTBEAT_MS = 5_000;
/** A holder on another host (a container that shares the volume) counts as alive this long after its last sign. */
const FOREIGN_HOLDER_GRACE_MS = 4 * HEARTBEAT_MS;

/** Who holds a data directory, as its lock file says. */
export interface LockHolder {
  readonly pid: number;
  /** When the process started, in the kernel's ticks since boot: tells it from a later one with its pid. */
  readonly startedAt: string | null;
  readonly host: string;
  /** Unique to this holding. */
  readonly token: string;
  /** Directory of the holder's unix socket. */
  readonly socketDir: string;
}

/** A live process has the data directory open. */
export class DataDirInUse extends Error {
  readonly code = 'data_dir_in_use';
  constructor(
    readonly dataDir: string,
    readonly holder: LockHolder,
  ) {
    const where = holder.host === hostname() ? '' : ` on ${holder.host}`;
    super(
      `The data directory ${dataDir} is in use by process ${holder.pid}${where}. End that process, or give this one a DATA_DIR of its own.`,
    );
    this.name = 'DataDirInUse';
  }
}

/**
 * Exclusive use of a data directory, since two openers of one PostgreSQL directory lose each other's writes. The lock
 * is a file that names its holder; a dead holder's is taken over, so nothing needs tidying after a SIGKILL.
 */
export class DataDirLock {
  private readonly heartbeat: NodeJS.Timeout;

  private constructor(
    private readonly path: string,
    readonly holder: LockHolder,
  ) {
    this.heartbeat = setInterval(() => touch(path), HEARTBEAT_MS).unref();
  }

  /** @throws DataDirInUse */
  static acquire(dataDir: string, socketDir: string): DataDirLock {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const path = join(dataDir, LOCK_FILE);
    const holder = self(socketDir);
    const current = seize(path, holder);
    if (current) throw new DataDirInUse(dataDir, current);
    return new DataDirLock(path, holder);
  }

  /** The live holder of a data directory; null when nobody has it open. */
  static holderOf(dataDir: string): LockHolder | null {
    const path = join(dataDir, LOCK_FILE);
    const holder = read(path);
    return holder && isAlive(holder, path) ? holder : null;
  }

  release(): void {
    clearInterval(this.heartbeat);
    if (read(this.path)?.token === this.holder.token) unlinkSync(this.path);
  }
}

/**
 * Makes `holder` the owner of the file at `path`, or returns its live owner. A dead owner's file may be removed only by
 * whoever holds the file `path.<its token>`: of several processes that find it, one removes it, and none removes the
 * file of the process that came after.
 */
function seize(path: string, holder: LockHolder): LockHolder | null {
  for (;;) {
    if (create(path, holder)) return null;
    const current = read(path);
    if (!current) continue;
    if (isAlive(current, path)) return current;

    const right = `${path}.${current.token}`;
    const remover = seize(right, { ...holder, token: randomUUID() });
    if (remover) return remover;
    if (read(path)?.token === current.token) unlinkSync(path);
    unlinkSync(right);
  }
}

/** Creates the file with its whole content at once; false when there is one. */
function create(path: string, holder: LockHolder): boolean {
  const draft = `${path}.${process.pid}.${randomUUID()}.draft`;
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

function read(path: string): LockHolder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LockHolder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`The lock file ${path} can't be read. Remove it if no process uses the directory.`, {
      cause: error,
    });
  }
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // The file is gone, and the directory with it most likely: there is nothing left to hold.
  }
}

function isAlive(holder: LockHolder, path: string): boolean {
  if (holder.host !== hostname()) {
    const lastSign = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return Date.now() - lastSign < FOREIGN_HOLDER_GRACE_MS;
  }
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const stat = statOf(holder.pid);
  return !isOver(stat) && startOf(stat) === holder.startedAt;
}

function self(socketDir: string): LockHolder {
  return {
    pid: process.pid,
    startedAt: startOf(statOf(process.pid)),
    host: hostname(),
    token: randomUUID(),
    socketDir,
  };
}

/** Fields of /proc/PID/stat from the third on; null where there is no /proc. Source: proc_pid_stat(5) */
function statOf(pid: number): readonly string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** When the process started, in ticks since boot. */
function startOf(stat: readonly string[] | null): string | null {
  return stat?.[19] ?? null;
}

/** It has ended, and only its parent has not asked how: its pid is still taken. Threads that still end may write. */
function isOver(stat: readonly string[] | null): boolean {
  return stat?.[0] === 'Z' && Number(stat[17]) <= 1;
}
