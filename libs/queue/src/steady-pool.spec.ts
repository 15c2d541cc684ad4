import { EventEmitter } from 'node:events';
import type { Pool } from 'pg';
import { describe, expect, it } from 'vitest';
import { SteadyPool } from './steady-pool.js';

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A pool of one connection, which answers when it is told to. */
function pool() {
  const asked: string[] = [];
  const answers: { ok: () => void; fail: (error: Error) => void }[] = [];
  const client = Object.assign(new EventEmitter(), {
    query: (text: string) => {
      asked.push(text);
      return new Promise((resolve, reject) =>
        answers.push({ ok: () => resolve({ rows: [{ text }] }), fail: reject }),
      );
    },
    release: () => undefined,
  });
  return {
    steady: new SteadyPool({ connect: async () => client } as unknown as Pool),
    client,
    asked,
    answers,
  };
}

describe('SteadyPool', () => {
  it('gives a connection one query at a time, in their order, past one that fails', async () => {
    const { steady, asked, answers } = pool();
    const client = await steady.connect();
    const all = Promise.allSettled(['a', 'b', 'c'].map((text) => client.query(text)));
    await settled();
    expect(asked).toEqual(['a']);
    answers[0]!.fail(new Error('refused'));
    await settled();
    expect(asked).toEqual(['a', 'b']);
    answers[1]!.ok();
    await settled();
    answers[2]!.ok();
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    expect(asked).toEqual(['a', 'b', 'c']);
  });

  it('lets a connection be listened to, and takes off what listened', async () => {
    const { steady, client: own } = pool();
    const client = await steady.connect();
    const heard: unknown[] = [];
    const hear = (message: unknown): void => void heard.push(message);
    client.on('notification', hear as never);
    own.emit('notification', 'one');
    client.removeListener('notification', hear as never);
    own.emit('notification', 'two');
    expect(heard).toEqual(['one']);
    expect(() => own.emit('error', new Error('lost'))).not.toThrow();
  });
});
