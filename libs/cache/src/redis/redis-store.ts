import { randomBytes } from 'node:crypto';
import type { RedisFigures } from '@app/domain';
import KeyvRedis, { type RedisClientType } from '@keyv/redis';
import { ErrorReply, RESP_TYPES } from '@redis/client';
import type { NamePattern } from '../policies/cache-names.js';
import { redisFiguresOf } from '../figures/redis-figures.js';
import { announcementText, type BusChannels } from './bus-messages.js';
import { isCluster, keyHolders, type RedisClient } from './redis-client.js';
import type { RedisConnection } from './redis-connection.js';
import { RedisClock } from './redis-clock.js';
import { ADD, ANSWER, CLAIM, DELETE, RENEW, SETTLE, SYNC, WRITE, type RedisScript } from './scripts.js';
import type {
  Addition,
  Announcement,
  Claim,
  EntryWrite,
  Generations,
  LeaseRequest,
  Settled,
  SharedStore,
} from './shared-store.js';

const SCAN_COUNT = 1_000;
/** More in one go would keep Redis from its other clients. */
const DELETE_BATCH = 200;

/** Redis came too late to a write: it was not carried out. */
export class WriteTooLate extends Error {
  constructor() {
    super('Redis came to the write after its time limit and left it.');
    this.name = 'WriteTooLate';
  }
}

/** What answers is no Redis, or one that lost its way: the answer has no meaning. */
export class SenselessAnswer extends Error {
  constructor() {
    super('Redis gave an answer that makes no sense.');
    this.name = 'SenselessAnswer';
  }
}

type Argument = string | Buffer;

/** A connection's client, seen so that answers come as Buffers: entries are bytes. */
interface Reading {
  readonly of: RedisClient;
  readonly buffers: RedisClient;
  get(name: string): Promise<unknown>;
  getMany(names: readonly string[]): Promise<unknown>;
}

/** Entries in Redis: whatever decides something is done by a script on its one key. */
export class RedisStore implements SharedStore {
  private reading: Reading;
  private readonly clock = new RedisClock();
  private readonly generationsKey: string;

  /**
   * @param withinMs how long a call may take
   * @param origin who this process is on the bus
   */
  constructor(
    private readonly connection: RedisConnection,
    private readonly withinMs: number,
    private readonly channels: BusChannels,
    private readonly origin: string,
    prefix: string,
  ) {
    this.generationsKey = `${prefix}:system:cache_generations`;
    this.reading = readingWith(connection.client);
  }

  get connected(): boolean {
    return this.connection.connected;
  }

  read(name: string): Promise<Buffer | undefined> {
    return this.connection.run(() => this.client.get(name), this.withinMs).then(entryOf);
  }

  async readMany(names: readonly string[]): Promise<(Buffer | undefined)[]> {
    const found = await this.connection.run(() => this.client.getMany(names), this.withinMs);
    if (!Array.isArray(found) || found.length !== names.length) throw new SenselessAnswer();
    return found.map(entryOf);
  }

  async write(writes: readonly EntryWrite[], announced: boolean): Promise<readonly string[]> {
    const notAfter = this.clock.notAfter(this.withinMs);
    const alone = writes.length === 1;
    const message = announced ? this.text({ names: writes.map(({ name }) => name) }) : '';
    const answers = await this.connection.run(async () => {
      const all = await Promise.all(
        writes.map(({ name, bytes, ttlMs }) => {
          const told = alone ? message : '';
          return this.answer(WRITE, name, [bytes, px(ttlMs), notAfter, this.channels.invalidation, told]);
        }),
      );
      // After the writes: who hears of them finds them.
      if (announced && !alone) await this.publish(message);
      return all;
    }, this.withinMs);
    if (answers.some(([code]) => code === ANSWER.late)) throw new WriteTooLate();
    const refused = answers.flatMap(([code, reason], index) =>
      code === ANSWER.refused ? [{ name: writes[index]!.name, reason: `${reason}` }] : [],
    );
    if (refused.length === 0) this.connection.accepted();
    else this.connection.refused(refused[0]!.reason);
    return refused.map(({ name }) => name);
  }

  async add({ name, by, now, lifetimeMs, ttlMs, generation }: Addition): Promise<number | null> {
    const message = this.text({ names: [name] });
    const numbers = [by, now, lifetimeMs].map(String);
    const notAfter = this.clock.notAfter(this.withinMs);
    const args = [...numbers, px(ttlMs), generation, notAfter, this.channels.invalidation, message];
    const [code, detail] = await this.connection.run(() => this.answer(ADD, name, args), this.withinMs);
    if (code === ANSWER.done || code === ANSWER.no) return Number(detail);
    if (code !== ANSWER.refused) throw new WriteTooLate();
    this.connection.refused(`${detail}`);
    return null;
  }

  async delete(names: readonly string[], announced: boolean): Promise<number> {
    const alone = names.length === 1;
    const message = announced ? this.text({ names }) : '';
    const answers = await this.connection.run(async () => {
      const told = alone ? message : '';
      const all = await Promise.all(
        names.map((name) => this.evaluate(DELETE, name, [this.channels.invalidation, told])),
      );
      if (announced && !alone) await this.publish(message);
      return all;
    }, this.withinMs);
    if (answers.some((answer) => typeof answer !== 'number')) throw new SenselessAnswer();
    return (answers as number[]).reduce((sum, had) => sum + had, 0);
  }

  /** SCAN in steps, on every server that holds keys, and UNLINK what each found. */
  async deleteMatching(pattern: NamePattern): Promise<number> {
    const match = { MATCH: pattern.forRedis(), COUNT: SCAN_COUNT };
    let deleted = 0;
    for (const client of await this.connection.run(() => keyHolders(this.connection.client))) {
      let cursor = '0';
      do {
        const from = cursor;
        const found = await this.connection.run(() => client.scan(from, match), this.withinMs);
        if (!Array.isArray(found?.keys)) throw new SenselessAnswer();
        cursor = found.cursor;
        for (let at = 0; at < found.keys.length; at += DELETE_BATCH)
          deleted += await this.delete(found.keys.slice(at, at + DELETE_BATCH), false);
      } while (cursor !== '0');
    }
    return deleted;
  }

  async claim(name: string, request: LeaseRequest, withinMs: number): Promise<Claim | 'refused'> {
    const { token, leaseMs, freshAfter, generation } = request;
    const args = [token, `${leaseMs}`, `${freshAfter}`, generation, this.clock.notAfter(withinMs)];
    const [code, detail] = await this.connection.run(() => this.answer(CLAIM, name, args), withinMs);
    if (code === ANSWER.done) return { kind: 'granted' };
    if (code === ANSWER.busy && typeof detail === 'number') return { kind: 'busy', leftMs: detail };
    if (code === ANSWER.value && Buffer.isBuffer(detail)) return { kind: 'value', bytes: detail };
    if (code !== ANSWER.refused) throw new WriteTooLate();
    this.connection.refused(`${detail}`);
    return 'refused';
  }

  async settle({ name, bytes, ttlMs }: EntryWrite, token: string, withinMs: number): Promise<Settled> {
    const args = [token, bytes, px(ttlMs), this.clock.notAfter(withinMs)];
    const [code, reason] = await this.connection.run(() => this.answer(SETTLE, name, args), withinMs);
    if (code === ANSWER.done) {
      this.connection.accepted();
      return 'stored';
    }
    if (code === ANSWER.no) return 'lost';
    if (code !== ANSWER.refused) throw new WriteTooLate();
    this.connection.refused(`${reason}`);
    return 'refused';
  }

  async renew(name: string, token: string, leaseMs: number): Promise<boolean> {
    const [code] = await this.connection.run(
      () => this.answer(RENEW, name, [token, `${leaseMs}`]),
      this.withinMs,
    );
    return code === ANSWER.done;
  }

  async sync(beat: number): Promise<Generations> {
    const sentAt = performance.now();
    const args = [newGeneration(), this.channels.heartbeat, `${beat}`];
    const answer = await this.connection.run(
      () => this.evaluate(SYNC, this.generationsKey, args),
      this.withinMs,
    );
    const [timeMs, fields] = Array.isArray(answer) ? (answer as [unknown, unknown]) : [];
    const generations = Array.isArray(fields) ? readGenerations(fields.map(String)) : null;
    if (typeof timeMs !== 'number' || generations === null) {
      const senseless = new SenselessAnswer();
      this.connection.distrust(senseless);
      throw senseless;
    }
    this.clock.observe(timeMs, sentAt);
    this.connection.trust();
    return generations;
  }

  async raise(namespace: string, content: boolean): Promise<void> {
    const field = `${content ? 'c' : 's'}:${namespace}`;
    await this.connection.run(
      () => this.connection.client.hSet(this.generationsKey, field, newGeneration()),
      this.withinMs,
    );
    await this.announce({ namespace });
  }

  async announce(announcement: Announcement): Promise<void> {
    await this.connection.run(() => this.publish(this.text(announcement)), this.withinMs);
  }

  async figures(): Promise<RedisFigures> {
    const answers = await this.connection.run(
      async () => Promise.all((await keyHolders(this.connection.client)).map((client) => client.info())),
      this.withinMs,
    );
    return redisFiguresOf(answers);
  }

  async ping(): Promise<void> {
    await this.connection.run(() => this.connection.client.exists(this.generationsKey), this.withinMs);
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** Of the client that the connection has now: behind sentinels each master gets its own. */
  private get client(): Reading {
    if (this.reading.of !== this.connection.client) this.reading = readingWith(this.connection.client);
    return this.reading;
  }

  private text(announcement: Announcement): string {
    return announcementText(this.origin, announcement);
  }

  private publish(message: string): Promise<unknown> {
    return this.connection.client.publish(this.channels.invalidation, message);
  }

  /** An answer whose first part is one of ANSWER. */
  private async answer(script: RedisScript, key: string, args: Argument[]): Promise<[number, unknown?]> {
    const answer = await this.evaluate(script, key, args);
    if (!Array.isArray(answer) || typeof answer[0] !== 'number') throw new SenselessAnswer();
    return answer as [number, unknown?];
  }

  /** By its hash; a server that doesn't know it yet gets the whole script. */
  private async evaluate(script: RedisScript, key: string, args: Argument[]): Promise<unknown> {
    const options = { keys: [key], arguments: args as string[] };
    try {
      return await this.client.buffers.evalSha(script.sha, options);
    } catch (error) {
      if (!(error instanceof ErrorReply) || !error.message.startsWith('NOSCRIPT')) throw error;
      return this.client.buffers.eval(script.text, options);
    }
  }
}

const AS_BUFFERS = { [RESP_TYPES.BLOB_STRING]: Buffer } as const;

function readingWith(client: RedisClient): Reading {
  const buffers = client.withTypeMapping(AS_BUFFERS) as unknown as RedisClient;
  if (isCluster(client))
    return {
      of: client,
      buffers,
      get: (name) => buffers.get(name),
      // KeyvRedis would ask the nodes for text; the client pipelines the single reads by node.
      getMany: (names) => Promise.all(names.map((name) => buffers.get(name))),
    };
  const keyv = new KeyvRedis<Buffer>(buffers as unknown as RedisClientType, { throwOnErrors: true });
  // It emits each error that it also throws; unheard ones would end the process.
  keyv.on('error', () => undefined);
  // A hit's command in its plainest form: `get` makes the same with a parser and two promises more.
  const options = { typeMapping: AS_BUFFERS };
  return {
    of: client,
    buffers,
    get: (name) => client.sendCommand(['GET', name], options),
    getMany: (names) => keyv.getMany([...names]),
  };
}

/** Eight characters that never were a generation before. */
function newGeneration(): string {
  return randomBytes(6).toString('base64url');
}

function readGenerations(flat: readonly string[]): Generations | null {
  const fields = new Map<string, string>();
  for (let at = 0; at + 1 < flat.length; at += 2) fields.set(flat[at]!, flat[at + 1]!);
  const [content, state] = [fields.get('content'), fields.get('state')];
  if (content === undefined || state === undefined) return null;
  const raised = [...fields]
    .filter(([field]) => /^[cs]:/.test(field))
    .map(([field, generation]) => [field.slice(2), generation] as const);
  return { content, state, raised: new Map(raised) };
}

function entryOf(answer: unknown): Buffer | undefined {
  // MGET answers null for a missing key.
  if (answer === undefined || answer === null) return undefined;
  // What is no bytes is no entry, and is read as a damaged one.
  return Buffer.isBuffer(answer) ? answer : Buffer.from(String(answer));
}

/** Redis takes whole milliseconds, at least one. */
function px(ttlMs: number): string {
  return `${Math.max(1, Math.ceil(ttlMs))}`;
}
