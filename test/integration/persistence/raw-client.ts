import { once } from 'node:events';
import { createConnection } from 'node:net';

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};
export const SYNC = message('S', Buffer.alloc(0));
export const EXECUTE = message('E', Buffer.alloc(5));
export const simple = (sql: string): Buffer => message('Q', Buffer.from(`${sql}\0`));
/** Parses the unnamed statement. */
export const parse = (sql: string): Buffer => message('P', Buffer.from(`\0${sql}\0\0\0`));
/** Binds one text parameter to the unnamed statement. */
export const bind = (value: string): Buffer =>
  message('B', Buffer.from([0, 0, 0, 0, 0, 1, 0, 0, 0, value.length, ...Buffer.from(value), 0, 0]));

/** A client that speaks the protocol message by message, for what pg never does. */
export class RawClient {
  greeting = '';
  private received = Buffer.alloc(0);

  private constructor(private readonly socket: ReturnType<typeof createConnection>) {
    socket.on('data', (chunk: Buffer) => (this.received = Buffer.concat([this.received, chunk])));
    socket.on('error', () => undefined);
  }

  static async connect(path: string, settings: Record<string, string> = {}): Promise<RawClient> {
    const client = new RawClient(createConnection(path));
    const parameters = { user: 'postgres', database: 'postgres', ...settings };
    const body = Buffer.from([...Object.entries(parameters).flat(), ''].map((text) => `${text}\0`).join(''));
    const head = Buffer.alloc(8);
    head.writeInt32BE(8 + body.length, 0);
    head.writeInt32BE(196_608, 4);
    const ready = client.expect('Z', 1);
    client.write(Buffer.concat([head, body]));
    client.greeting = (await ready).bytes.toString('latin1');
    return client;
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  async ask(messages: Buffer[]): Promise<{ types: string[]; bytes: Buffer }> {
    const answer = this.expect('Z', 1);
    this.write(Buffer.concat(messages));
    return answer;
  }

  /** What is received until `count` messages of the type were. */
  async expect(type: string, count: number): Promise<{ types: string[]; bytes: Buffer }> {
    this.received = Buffer.alloc(0);
    while (this.count(type) < count) await once(this.socket, 'data');
    return { types: this.types(), bytes: this.received };
  }

  /** How many messages of the type were received since the last `expect` began. */
  count(type: string): number {
    return this.types().filter((seen) => seen === type).length;
  }

  private types(): string[] {
    const types: string[] = [];
    for (let at = 0; at + 5 <= this.received.length; at += 1 + this.received.readInt32BE(at + 1)) {
      types.push(String.fromCharCode(this.received[at]!));
    }
    return types;
  }

  close(): void {
    this.socket.destroy();
  }
}
