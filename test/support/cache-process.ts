import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { CacheKey, CacheLoad, CacheStats } from '@app/domain';

interface Orders {
  ping(): boolean;
  get(key: CacheKey): unknown;
  set(key: CacheKey, value: unknown): null;
  setMany(entries: readonly { key: CacheKey; value: unknown }[]): null;
  delete(key: CacheKey): boolean;
  deleteByPattern(operation: string, glob: string): number;
  load(key: CacheKey, value: unknown, takesMs: number): CacheLoad<unknown>;
  loadInVain(key: CacheKey, takesMs: number): never;
  stampede(
    key: CacheKey,
    callers: number,
    value: unknown,
    takesMs: number,
  ): { loads: number; values: unknown[] };
  untilOther(key: CacheKey, old: unknown, limitMs: number): { value: unknown; ms: number; at: number };
  warnings(): string[];
  stats(): CacheStats;
  close(): null;
}

interface Line {
  readonly id?: number;
  readonly answer?: unknown;
  readonly error?: string;
  readonly event?: string;
}

/** A spawned process with a cache; see cache-process.mjs. */
export class CacheProcess {
  private readonly waiting = new Map<number, (line: Line) => void>();
  private readonly events: string[] = [];
  private heard: (() => void) | null = null;
  private orders = 0;

  private constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout! }).on('line', (text) => {
      const line = JSON.parse(text) as Line;
      if (line.event !== undefined) {
        this.events.push(line.event);
        this.heard?.();
      } else this.waiting.get(line.id!)?.(line);
    });
  }

  /** Resolves when the cache is connected. */
  static async connected(env: Readonly<Record<string, string>>): Promise<CacheProcess> {
    const process = CacheProcess.spawn(env);
    await process.event('started');
    while (!(await process.tell('ping')));
    return process;
  }

  static spawn(env: Readonly<Record<string, string>>): CacheProcess {
    const script = join(import.meta.dirname, 'cache-process.mjs');
    return new CacheProcess(
      spawn(process.execPath, [script, JSON.stringify(env)], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    );
  }

  tell<O extends keyof Orders>(order: O, ...args: Parameters<Orders[O]>): Promise<ReturnType<Orders[O]>> {
    const id = (this.orders += 1);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, (line) => {
        this.waiting.delete(id);
        if (line.error !== undefined) reject(new Error(line.error));
        else resolve(line.answer as ReturnType<Orders[O]>);
      });
      this.child.stdin!.write(`${JSON.stringify({ id, order, args })}\n`);
    });
  }

  /** Waits until it has said so. */
  async event(name: string): Promise<void> {
    while (!this.events.includes(name)) await new Promise<void>((resolve) => (this.heard = resolve));
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await ended;
  }
}
