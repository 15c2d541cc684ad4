import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { RATE_LIMIT_ALGORITHMS } from '@app/domain';
import { createClient } from '@redis/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';

const WAIT = { timeout: 20_000, interval: 20 };

/** A spawned process; see coordination-process.mjs. */
class Peer {
  private constructor(
    readonly child: ChildProcess,
    private readonly lines: Interface,
  ) {}

  static async spawn(prefix: string): Promise<Peer> {
    const script = join(import.meta.dirname, 'coordination-process.mjs');
    const child = spawn(process.execPath, [script, inject('redisUrl'), prefix], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const peer = new Peer(child, createInterface({ input: child.stdout! }));
    await peer.heard();
    return peer;
  }

  tell(order: string): Promise<string> {
    const answer = this.heard();
    this.child.stdin!.write(`${order}\n`);
    return answer;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await ended;
  }

  private async heard(): Promise<string> {
    return ((await once(this.lines, 'line')) as [string])[0];
  }
}

describe('two processes on one Redis', () => {
  let a: Peer;
  let b: Peer;
  let name: string;
  const prefix = `test-${randomUUID()}`;
  const redis = createClient({ url: inject('redisUrl') });

  beforeAll(async () => {
    await redis.connect();
  });
  afterAll(() => redis.close());
  beforeEach(async () => {
    name = randomUUID();
    [a, b] = await Promise.all([Peer.spawn(prefix), Peer.spawn(prefix)]);
  });
  afterEach(async () => void (await Promise.all([a.kill(), b.kill()])));

  const both = async (order: string): Promise<number> => {
    const answers = await Promise.all([a.tell(order), b.tell(order)]);
    return answers.reduce((sum, answer) => sum + Number(answer), 0);
  };

  it.each(RATE_LIMIT_ALGORITHMS)('let exactly the limit through between them: %s', async (algorithm) => {
    expect(await both(`limit ${algorithm} ${name} 150 200`)).toBe(150);
  });

  it('let exactly the quota through between them', async () => {
    expect(await both(`quota ${name} 150 200`)).toBe(150);
  });

  it('do one after the other what a lock guards', async () => {
    await Promise.all([a, b].map((peer) => peer.tell(`count ${name} ${prefix}:sum:${name} 40`)));
    expect(await redis.get(`${prefix}:sum:${name}`)).toBe('80');
  });

  it('take over a lock whose holder was killed once its lease ends, not before', async () => {
    const fence = Number(await a.tell(`hold ${name} 5000`));
    await a.kill();
    expect(await b.tell(`hold ${name} 60000`)).toBe('none');
    const next = await vi.waitFor(async () => {
      const answer = await b.tell(`hold ${name} 60000`);
      expect(answer).not.toBe('none');
      return Number(answer);
    }, WAIT);
    expect(next).toBeGreaterThan(fence);
  });

  it('keep a holder that stood still past its lease from renewing or freeing the next one’s lock', async () => {
    const slow = Number(await a.tell(`hold ${name} 200`));
    a.child.kill('SIGSTOP');
    const next = await vi.waitFor(async () => {
      const answer = await b.tell(`hold ${name} 60000`);
      expect(answer).not.toBe('none');
      return Number(answer);
    }, WAIT);
    a.child.kill('SIGCONT');
    expect(next).toBeGreaterThan(slow);
    expect(await a.tell('renew 60000')).toBe('false');
    expect(await a.tell('release')).toBe('done');
    expect(await a.tell(`hold ${name} 60000`)).toBe('none');
    expect(await b.tell('renew 60000')).toBe('true');
  });
});
