/** The process that sends: what it costs is neither the server's nor the stand-in's. */
import { Agent, request } from 'node:http';
import { loadConfig } from '@app/config';
import { openPersistence } from '@app/persistence';
import { failure, insertOf, success, type SignedDelivery } from './deliveries.js';
import { asManyAsGo, atRate, type Call, type LoadResult } from './load.js';

/** What is called: the server's bare route, its webhook with failing or passing jobs, or the database itself. */
export type Subject = 'bare' | 'failures' | 'successes' | 'insert';

/** An order to the sender, which answers with a LoadResult. */
export interface Order {
  readonly url: string;
  readonly database: Record<string, string>;
  readonly subject: Subject;
  readonly offset: number;
  readonly load:
    | { readonly rate: number; readonly seconds: number }
    | { readonly lanes: number; readonly limitMs: number };
}

const agent = new Agent({ keepAlive: true });
const INSERT_CONNECTIONS = 10;
/** Made ready before a load whose number of calls nobody knows. */
const PREPARED = 10_000;

process.on('message', (order: Order) => {
  void run(order).then((result) => process.send!(result));
});

async function run({ url, database, subject, offset, load }: Order): Promise<LoadResult> {
  const count = 'rate' in load ? load.rate * load.seconds : PREPARED;
  const go = (call: Call): Promise<LoadResult> =>
    'rate' in load
      ? atRate(call, load.rate, load.seconds)
      : asManyAsGo((index) => call(index % count), load.lanes, load.limitMs);
  if (subject === 'bare') return go(() => send(`${url}/health/live`, null));
  if (subject === 'insert') return insert(database, count, offset, go);
  const deliveries = prepared(count, (index) => (subject === 'failures' ? failure : success)(offset + index));
  return go((index) => send(`${url}/api/v1/webhooks/github`, deliveries[index]!));
}

async function insert(
  environment: Record<string, string>,
  count: number,
  offset: number,
  go: (call: Call) => Promise<LoadResult>,
): Promise<LoadResult> {
  const persistence = await openPersistence(loadConfig({ ...environment, LOG_LEVEL: 'silent' }));
  const pool = persistence.createPool({ max: INSERT_CONNECTIONS });
  try {
    const rows = prepared(count, (index) => insertOf(offset + index));
    await pool.query('CREATE TABLE bench_deliveries (LIKE deliveries INCLUDING ALL)');
    let calls = 0;
    return await go(async (index) => {
      const { sql, values } = rows[index]!;
      await pool.query(sql, [`insert-${calls++}`, ...values]);
      return true;
    });
  } finally {
    await pool.query('DROP TABLE IF EXISTS bench_deliveries');
    await persistence.close();
  }
}

function prepared<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Whether the server took it. */
function send(url: string, delivery: SignedDelivery | null): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const method = delivery ? 'POST' : 'GET';
    const sent = request(url, { method, agent, headers: delivery?.headers }, (response) => {
      response.on('end', () => resolve(response.statusCode === (delivery ? 202 : 200))).resume();
    });
    sent.on('error', reject);
    sent.end(delivery?.body);
  });
}
