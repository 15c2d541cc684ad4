import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { GithubStandIn } from '@app/github';
import { analyzeLog } from '@app/log-analysis';
import { InvalidArgumentError, type Command } from 'commander';
import { readSource } from '../analyze/read-source.js';
import { reportFailure } from '../report-failure.js';
import { FailureFeed } from './failure-feed.js';
import { printClosing, printOpening, printRepetition, printResult, printSummary } from './print-report.js';
import { Product, freePort } from './product.js';
import { anotherOccurrence, recordingOf, shippedRecordings, type Recording } from './recording.js';

const FIRST_RUN_ID = 11_223_344_556;
const SECOND_RUN_ID = 11_998_877_665;
const HOURS_LATER = 53;

interface DemoOptions {
  readonly exit?: boolean;
  readonly log?: string;
  readonly port: number;
}

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description(
      'Starts the product on embedded parts, lets recorded CI runs fail, and shows what it makes of them.',
    )
    .option('--log <file>', 'let a job fail with this log instead')
    .option('--exit', 'end after the report instead of serving on')
    .option('--port <port>', 'where to serve; another one is taken when it is in use', portNumber, 3000)
    .action(demo);
}

async function demo(options: DemoOptions): Promise<void> {
  let recordings: readonly Recording[];
  try {
    recordings = options.log ? [await ownRecording(options.log)] : await shippedRecordings();
  } catch (error) {
    reportFailure(error, options.log);
    process.exitCode = 1;
    return;
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'devflowfix-demo-'));
  const webhookSecret = randomBytes(24).toString('hex');
  const github = await GithubStandIn.start();
  let product: Product | undefined;
  // Ctrl-C reaches the product as well (one process group): wait for its orderly end instead of dying before it.
  process.on('SIGINT', () => undefined);
  try {
    const startedAt = performance.now();
    product = await Product.start({
      port: await freePort(options.port),
      dataDir,
      githubApiUrl: github.url,
      webhookSecret,
    });
    printOpening(product.url, performance.now() - startedAt);
    await play(new FailureFeed(github, product, webhookSecret), recordings);
    if (!options.exit) {
      printClosing(product.url, product.apiKey);
      await product.ended();
    }
  } finally {
    await product?.stop();
    await github.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/**
 * A log of the user's. Read once before anything starts: what the product could not read is said at once.
 * @throws InvalidInput for a file that can't be opened
 * @throws UnreadableLog for one that is empty or binary
 */
async function ownRecording(path: string): Promise<Recording> {
  const log = await buffer(await readSource(path));
  const { failed } = await analyzeLog(log);
  return recordingOf(path, log, failed);
}

async function play(feed: FailureFeed, recordings: readonly Recording[]): Promise<void> {
  const first = await Promise.all(
    recordings.map((recording, index) => feed.fail(recording, FIRST_RUN_ID + index)),
  );
  for (const [index, result] of first.entries()) printResult(index + 1, recordings[index]!, result);

  const again = await Promise.all(
    recordings.map((recording, index) =>
      feed.fail(anotherOccurrence(recording, SECOND_RUN_ID + index, HOURS_LATER), SECOND_RUN_ID + index),
    ),
  );
  printRepetition(recordings, first, again);
  printSummary(first, again);
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('Expected a port from 0 (any) to 65535.');
  return port;
}
