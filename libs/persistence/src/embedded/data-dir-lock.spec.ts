import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DataDirInUse, DataDirLock, type LockHolder } from './data-dir-lock.js';

/** Above what Linux gives. */
const NO_PID = 4_194_304;

describe('DataDirLock', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'devflowfix-test-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const path = (): string => join(dir, 'postgres.lock');
  const stored = (): LockHolder => JSON.parse(readFileSync(path(), 'utf8')) as LockHolder;
  const leave = (holder: Partial<LockHolder>): void =>
    writeFileSync(
      path(),
      JSON.stringify({
        pid: NO_PID,
        startedAt: '1',
        host: hostname(),
        token: 't',
        socketDir: '/s',
        ...holder,
      }),
    );

  it('is held by one, who is told to the next', () => {
    const lock = DataDirLock.acquire(dir, '/run/socket');
    expect(() => DataDirLock.acquire(dir, '/run/socket')).toThrow(DataDirInUse);
    expect(() => DataDirLock.acquire(dir, '/run/socket')).toThrow(`process ${process.pid}.`);
    expect(DataDirLock.holderOf(dir)).toMatchObject({ pid: process.pid, socketDir: '/run/socket' });
    lock.release();
    expect(DataDirLock.holderOf(dir)).toBeNull();
    expect(readdirSync(dir)).toEqual([]);
  });

  it('is taken over from a process that is gone, and leaves no files of it', () => {
    leave({ pid: NO_PID });
    expect(DataDirLock.holderOf(dir)).toBeNull();
    const lock = DataDirLock.acquire(dir, '/s');
    expect(stored().pid).toBe(process.pid);
    expect(readdirSync(dir)).toEqual(['postgres.lock']);
    lock.release();
  });

  it('is taken over when another process has the dead one’s pid now', () => {
    leave({ pid: process.pid, startedAt: '1' });
    const lock = DataDirLock.acquire(dir, '/s');
    expect(stored().startedAt).not.toBe('1');
    lock.release();
  });

  it('is taken over though a process died while it took it over', () => {
    leave({ token: 'first' });
    writeFileSync(`${path()}.first`, readFileSync(path(), 'utf8').replace('first', 'second'));
    const lock = DataDirLock.acquire(dir, '/s');
    expect(stored().pid).toBe(process.pid);
    expect(readdirSync(dir)).toEqual(['postgres.lock']);
    lock.release();
  });

  it('is not taken from a live process', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
    leave({ pid: child.pid, startedAt: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]! });
    expect(() => DataDirLock.acquire(dir, '/s')).toThrow(`process ${child.pid}.`);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    DataDirLock.acquire(dir, '/s').release();
  });

  it('is taken over from a process that has ended though its parent does not know yet', async () => {
    // The shell becomes a program that never asks how its child ended.
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    const stat = (): string[] => {
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return text.slice(text.lastIndexOf(')') + 2).split(' ');
    };
    const program = (): string => readFileSync(`/proc/${parent.pid}/comm`, 'utf8').trim();
    await vi.waitFor(() => expect(program()).toBe('sleep'), { timeout: 10_000 });
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(stat()[0]).toBe('Z'), { timeout: 10_000 });
    leave({ pid, startedAt: stat()[19]! });
    expect(DataDirLock.holderOf(dir)).toBeNull();
    DataDirLock.acquire(dir, '/s').release();
    parent.kill('SIGKILL');
    await once(parent, 'exit');
  });

  it('of another host counts while it gives signs of life', () => {
    leave({ host: 'elsewhere' });
    expect(() => DataDirLock.acquire(dir, '/s')).toThrow('on elsewhere');
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(path(), longAgo, longAgo);
    DataDirLock.acquire(dir, '/s').release();
  });

  it('frees only its own', () => {
    const lock = DataDirLock.acquire(dir, '/s');
    leave({ token: 'of a successor' });
    lock.release();
    expect(stored().token).toBe('of a successor');
  });
});
