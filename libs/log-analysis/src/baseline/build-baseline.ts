import type { LogSource } from '../reader/byte-source.js';
import type { LineObserver } from '../log-scan.js';
import { scanLog } from '../scan-log.js';
import { BASELINE_VERSION, ORDINARY, TELLING, type Baseline } from './baseline.js';
import { templateTokens } from './template-tokens.js';
import { TemplateTree } from './template-tree.js';

export interface BuildBaselineOptions {
  readonly signal?: AbortSignal;
}

/** Takes the templates of every line of a run. */
class TemplateMiner implements LineObserver {
  readonly telling = new TemplateTree(TELLING);
  readonly ordinary = new TemplateTree(ORDINARY);

  wants(): boolean {
    return true;
  }

  line(body: string, telling: boolean): void {
    (telling ? this.telling : this.ordinary).add(templateTokens(body));
  }
}

/**
 * Reads logs of successful runs of one job, one after another, each once and in bounded memory, and keeps the templates
 * of their lines. The newest run first: when room runs out, the older ones lose. That the runs were green is the
 * caller's word: a log doesn't always tell.
 * @throws UnreadableLog as `analyzeLog` does; the signal's reason when aborted.
 */
export async function buildBaseline(
  sources: Iterable<LogSource> | AsyncIterable<LogSource>,
  options: BuildBaselineOptions = {},
): Promise<Baseline> {
  const miner = new TemplateMiner();
  let runs = 0;
  let lines = 0;
  for await (const source of sources) {
    const { scan } = await scanLog(source, { signal: options.signal, observer: miner });
    runs += 1;
    lines += scan.lines;
  }
  return {
    version: BASELINE_VERSION,
    runs,
    lines,
    telling: miner.telling.toStrings(),
    ordinary: miner.ordinary.toStrings(),
  };
}
