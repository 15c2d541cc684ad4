import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createClient } from '@redis/client';

/** A Redis on one port that a test starts, kills, stops, fills and replaces. In memory only. */
export class ControlledRedis {
  private child: ChildProcess | null = null;
  private stranger: Server | null = null;
  private readonly sockets = new Set<Socket>();

  constructor(readonly port: number) {
    process.once('exit', () => this.child?.kill('SIGKILL'));
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const options = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    this.child = spawn('redis-server', options, { stdio: 'ignore' });
    while (!(await this.answers())) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async kill(): Promise<void> {
    const child = this.child!;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** It stays connected and says nothing. */
  pause(): void {
    this.child!.kill('SIGSTOP');
  }

  resume(): void {
    this.child!.kill('SIGCONT');
  }

  async command(...words: string[]): Promise<unknown> {
    const client = createClient({ url: this.url, socket: { reconnectStrategy: false } });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await client.sendCommand(words);
    } finally {
      client.destroy();
    }
  }

  /** From now on it refuses whatever takes memory. */
  async fill(): Promise<void> {
    const info = String(await this.command('INFO', 'memory'));
    const used = Number(/used_memory:(\d+)/.exec(info)![1]);
    await this.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await this.command('CONFIG', 'SET', 'maxmemory', `${Math.max(1, Math.floor(used / 2))}`);
  }

  async empty(): Promise<void> {
    await this.command('CONFIG', 'SET', 'maxmemory', '0');
  }

  /** Another server takes the port, and answers everything with the same words. */
  async replaceBy(words: string): Promise<void> {
    await this.kill();
    const stranger = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
      socket.on('data', () => socket.write(words));
    });
    stranger.listen(this.port, '127.0.0.1');
    await once(stranger, 'listening');
    this.stranger = stranger;
  }

  async removeStranger(): Promise<void> {
    const stranger = this.stranger!;
    const closed = once(stranger, 'close');
    stranger.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async answers(): Promise<boolean> {
    return this.command('PING').then(
      (answer) => answer === 'PONG',
      () => false,
    );
  }
}
