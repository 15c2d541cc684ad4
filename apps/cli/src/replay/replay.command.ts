import { setTimeout as after } from 'node:timers/promises';
import { loadConfig } from '@app/config';
import { InvalidInput } from '@app/domain';
import { signedDelivery } from '@app/github';
import type { Command } from 'commander';
import { wholeNumber } from '../whole-number.js';
import { readRecordings } from './recorded-delivery.js';
import { planSendings, type PlannedSending } from './sending-plan.js';

interface ReplayOptions {
  readonly url?: string;
  readonly speed: number;
  readonly duplicate: number;
  readonly drop: number;
  readonly shuffle: boolean;
  readonly delay: number;
  readonly seed: number;
}

/** What came back, by status. */
type Answers = Map<string, number>;

export function addReplayCommand(program: Command): void {
  program
    .command('replay <file-or-folder>')
    .description('Sends recorded webhook deliveries, signed, at a running server.')
    .option('--url <url>', 'the server; default: this machine at PORT')
    .option('--speed <n>', 'times the pace at which they came; 0: at once', positive, 1)
    .option('--duplicate <share>', 'share of deliveries that are sent twice, from 0 to 1', share, 0)
    .option('--drop <share>', 'share of deliveries that get lost', share, 0)
    .option('--shuffle', 'in random order', false)
    .option('--delay <ms>', 'each comes late by up to so much', wholeNumber(0, 3_600_000), 0)
    .option('--seed <n>', 'the same seed disorders the same', wholeNumber(0, 2_147_483_647), 1)
    .addHelpText('after', '\nThe signature is made with GITHUB_WEBHOOK_SECRET.')
    .action(async (path: string, options: ReplayOptions) => {
      const config = loadConfig();
      const [secret] = config.github.webhookSecrets;
      if (secret === undefined)
        throw new InvalidInput('Set GITHUB_WEBHOOK_SECRET to the secret that the server knows.');
      const url = options.url ?? `http://127.0.0.1:${config.http.port}`;
      const deliveries = await readRecordings(path);
      const plan = planSendings(deliveries, options.speed, { ...options, delayMs: options.delay });
      process.stdout.write(`${plan.length} sendings of ${deliveries.length} deliveries to ${url}\n`);
      const startedAt = performance.now();
      const answers = await sendAll(plan, new URL('/api/v1/webhooks/github', url), secret);
      const seconds = (performance.now() - startedAt) / 1_000;
      for (const [answer, count] of [...answers].toSorted())
        process.stdout.write(`${String(count).padStart(7)} × ${answer}\n`);
      process.stdout.write(`in ${seconds.toFixed(1)} s\n`);
      if ([...answers.keys()].some((answer) => !answer.startsWith('2'))) process.exitCode = 1;
    });
}

/** As many at a time as GitHub might; what is due waits for its turn. */
const MAX_IN_FLIGHT = 32;

async function sendAll(plan: readonly PlannedSending[], address: URL, secret: string): Promise<Answers> {
  const answers: Answers = new Map();
  const startedAt = performance.now();
  const waiting = [...plan];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const wait = startedAt + next.atMs - performance.now();
      if (wait > 0) await after(wait);
      const answer = await send(next, address, secret);
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: MAX_IN_FLIGHT }, lane));
  return answers;
}

async function send({ event, payload, id }: PlannedSending, address: URL, secret: string): Promise<string> {
  const { headers, body } = signedDelivery(event, payload, secret, id);
  try {
    const response = await fetch(address, { method: 'POST', headers, body });
    const answer = (await response.json().catch(() => ({}))) as { status?: unknown; detail?: string };
    const said = typeof answer.status === 'string' ? answer.status : (answer.detail ?? '');
    return `${response.status} ${said}`.trim();
  } catch (error) {
    const { cause, message } = error as Error;
    return `no answer: ${cause instanceof Error ? cause.message : message}`;
  }
}

function share(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value <= 1)) throw new InvalidInput(`“${text}” is not a share from 0 to 1.`);
  return value;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && Number.isFinite(value))) throw new InvalidInput(`“${text}” is not a number from 0 on.`);
  return value;
}
