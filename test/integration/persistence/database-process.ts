import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

const MAX_TRIES = 5;

/** A spawned process that works with a data directory; see database-process.mjs. */
export class DatabaseProcess {
  private readonly lines: Interface;
  readonly said: string[] = [];

  private constructor(private readonly child: ChildProcess) {
    this.lines = createInterface({ input: child.stdout! });
    this.lines.on('line', (line) => this.said.push(line));
  }

  static spawn(dataDir: string): DatabaseProcess {
    const script = join(import.meta.dirname, 'database-process.mjs');
    return new DatabaseProcess(
      spawn(process.execPath, [script, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Gives an order and waits for the line that answers it. */
  async tell(order: string): Promise<string> {
    const answer = once(this.lines, 'line') as Promise<[string]>;
    this.child.stdin!.write(`${order}\n`);
    return (await answer)[0];
  }

  /** Gives an order until it is done: what is under way while the database moves fails, and a retry helps. */
  async insist(order: string): Promise<string> {
    for (let tries = 1; ; tries++) {
      const answer = await this.tell(order);
      if (tries === MAX_TRIES || !answer.startsWith('failed database_away')) return answer;
    }
  }

  /** Gives an order whose answers `said` gathers; resolves when there are `count` of them. */
  async tellAndHear(order: string, count: number): Promise<void> {
    const from = this.said.length;
    this.child.stdin!.write(`${order}\n`);
    while (this.said.length < from + count) await once(this.lines, 'line');
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await ended;
  }
}
