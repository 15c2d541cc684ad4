/**
 * What reuse saves: every labelled log of a directory fails three times, each time with fresh ids, times and paths, and
 * goes through the product's pipeline over a model that counts its calls. Side by side: cache keys of the text as it is
 * and of the normalised text, with and without the pattern's stored diagnosis, within the cache's lifetimes and beyond.
 *
 *   npm run bench:savings -- DIR        DIR holds manifest.jsonl and logs/
 *
 * Fails when the product's own way (normalised keys, stored diagnosis) asks the model in more than 5 % of second and third
 * occurrences, or when 1 % of the pairs of logs with different labelled causes share an answer.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCache, type CacheHandle } from '@app/cache';
import { loadConfig } from '@app/config';
import type { LanguageModel } from '@app/domain';
import { CachedLanguageModel, UsageRecorder } from '@app/llm';
import { parseManifest, type ManifestRow } from '@app/log-analysis';
import { Metrics } from '@app/telemetry';
import { FakeLanguageModel } from '../fakes/fake-language-model.js';
import { InMemoryPersistence } from '../fakes/in-memory-persistence/index.js';
import { silentLog } from '../fakes/recording-log.js';
import { allModels, llmConfig } from '../support/llm-config.js';
import { pipelineWorld } from '../support/pipeline-world.js';
import { seenAgain } from '../support/seen-again.js';

const OCCURRENCES = 3;
const MIN_FREE_SHARE = 0.95;
const MAX_SHARED_SHARE = 0.01;
const CACHED_OPERATIONS = ['llm.classify', 'llm.root_cause', 'llm.solution', 'llm.validate'] as const;

interface Scenario {
  readonly keys: 'naive' | 'normalised';
  readonly storedDiagnosis: boolean;
  readonly lifetimes: 'within' | 'beyond';
}

interface Figures {
  /** Model calls of each round of occurrences. */
  readonly calls: readonly number[];
  /** Second and third occurrences that asked no model. */
  readonly free: number;
  readonly later: number;
  /** Files whose second or third occurrence asked a model. */
  readonly paid: readonly string[];
}

interface LabelledLog extends ManifestRow {
  readonly texts: readonly string[];
}

/** A stored diagnosis is valid for who made it: whoever is somebody else each time reuses none. */
class ForgetfulModel extends FakeLanguageModel {
  private asked = 0;

  override async identity(): Promise<string> {
    this.asked += 1;
    return `fake:${this.asked}`;
  }
}

/** Keys that hold what a model is told just as it is told. */
function naivelyCached(model: FakeLanguageModel): LanguageModel {
  const held = new Map<string, unknown>();
  return new Proxy(model, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function' || name === 'identity') return member;
      return async (...args: unknown[]) => {
        const key = createHash('sha256')
          .update(`${String(name)} ${JSON.stringify(args.slice(0, -1))}`)
          .digest('hex');
        if (!held.has(key)) held.set(key, await (member as (...a: unknown[]) => unknown).apply(target, args));
        return held.get(key);
      };
    },
  });
}

function productCached(model: FakeLanguageModel, { cache }: CacheHandle): LanguageModel {
  const clock = { now: () => new Date() };
  const usage = new UsageRecorder(new InMemoryPersistence(clock).usage, clock, silentLog());
  const name = { provider: 'fake', models: allModels('fake-model') };
  return new CachedLanguageModel(model, cache, usage, llmConfig('http://127.0.0.1/v1', name), silentLog());
}

async function play(logs: readonly LabelledLog[], scenario: Scenario): Promise<Figures> {
  const model = scenario.storedDiagnosis ? new FakeLanguageModel() : new ForgetfulModel();
  const handle = createCache(loadConfig({ CACHE_MAX_SIZE: '100000' }), silentLog(), new Metrics());
  const isNaive = scenario.keys === 'naive';
  let cached = isNaive ? naivelyCached(model) : productCached(model, handle);
  // One door for the pipeline: what is behind it can expire.
  const door = new Proxy(model, {
    get: (_, name) => {
      const member: unknown = Reflect.get(cached, name, cached);
      return typeof member === 'function' ? (member.bind(cached) as unknown) : member;
    },
  });
  const world = pipelineWorld(door as LanguageModel);
  const calls: number[] = [];
  const paid = new Set<string>();
  let free = 0;
  for (let round = 0; round < OCCURRENCES; round += 1) {
    const before = model.count();
    for (const [index, { file, texts }] of logs.entries()) {
      const asked = model.count();
      await world.run(await world.failJob(1 + round * logs.length + index, texts[round]!));
      if (round === 0) continue;
      if (model.count() === asked) free += 1;
      else paid.add(file);
    }
    calls.push(model.count() - before);
    if (scenario.lifetimes === 'within') continue;
    for (const operation of CACHED_OPERATIONS) await handle.cache.deleteByPattern(operation, '*');
    if (isNaive) cached = naivelyCached(model);
  }
  await handle.close();
  return { calls, free, later: (OCCURRENCES - 1) * logs.length, paid: [...paid] };
}

/** Pairs of logs with different causes, and those of them that one stored diagnosis, or one cached answer, serves. */
async function sharedAnswers(logs: readonly LabelledLog[]) {
  const model = new FakeLanguageModel();
  const handle = createCache(loadConfig({ CACHE_MAX_SIZE: '100000' }), silentLog(), new Metrics());
  const world = pipelineWorld(productCached(model, handle));
  const answers: (string | null)[] = [];
  const causes: (string | undefined)[] = [];
  for (const [index, { texts }] of logs.entries()) {
    const id = await world.failJob(index + 1, texts[0]!);
    await world.run(id);
    answers.push((await world.store.incidents.get(id)).diagnosisId);
    causes.push((await world.store.diagnoses.ofIncident(id))?.diagnosis.rootCause.primaryCause);
  }
  await handle.close();
  let pairs = 0;
  const shared: string[] = [];
  for (const [i, one] of logs.entries()) {
    for (const [j, other] of logs.entries()) {
      if (j <= i || (one.group !== null && one.group === other.group)) continue;
      pairs += 1;
      const isShared = answers[i] === answers[j] || (causes[i] !== undefined && causes[i] === causes[j]);
      if (isShared) shared.push(`${one.file} = ${other.file}`);
    }
  }
  return { pairs, shared };
}

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  console.error('Which logs? npm run bench:savings -- DIR, where DIR holds manifest.jsonl and logs/');
  process.exit(2);
}
const rows = parseManifest(await readFile(join(directory, 'manifest.jsonl'), 'utf8'));
const failed = rows.filter(({ category }) => category !== 'none');
const logs: LabelledLog[] = [];
for (const row of failed) {
  const text = await readFile(join(directory, 'logs', row.file), 'utf8');
  logs.push({ ...row, texts: Array.from({ length: OCCURRENCES }, (_, n) => seenAgain(text, row.file, n)) });
}
console.log(`${logs.length} logs, ${OCCURRENCES} occurrences each\n`);

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
let own: Figures | undefined;
console.log(
  'keys        stored diagnosis  lifetimes  calls by round        model calls  later ones free of the model',
);
for (const keys of ['naive', 'normalised'] as const) {
  for (const storedDiagnosis of [false, true]) {
    for (const lifetimes of ['within', 'beyond'] as const) {
      const figures = await play(logs, { keys, storedDiagnosis, lifetimes });
      const total = figures.calls.reduce((sum, n) => sum + n, 0);
      console.log(
        [
          keys.padEnd(10),
          (storedDiagnosis ? 'yes' : 'no').padEnd(16),
          lifetimes.padEnd(9),
          figures.calls.join(' / ').padEnd(20),
          String(total).padStart(11),
          `${figures.free} of ${figures.later} (${percent(figures.free / figures.later)})`,
        ].join('  '),
      );
      if (keys === 'normalised' && storedDiagnosis && lifetimes === 'beyond') own = figures;
    }
  }
}

const { pairs, shared } = await sharedAnswers(logs);
console.log(
  `\npairs with different causes that share an answer: ${shared.length} of ${pairs} (${percent(shared.length / pairs)})`,
);
for (const pair of shared.slice(0, 20)) console.log(`  ${pair}`);
const freeShare = own!.free / own!.later;
if (own!.paid.length > 0) console.log(`later occurrences that asked the model: ${own!.paid.join(', ')}`);
if (freeShare < MIN_FREE_SHARE || shared.length / pairs >= MAX_SHARED_SHARE) {
  console.error('Reuse is not what it should be.');
  process.exitCode = 1;
}
