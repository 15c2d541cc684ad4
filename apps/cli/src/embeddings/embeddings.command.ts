import { createCache, createCoordination } from '@app/cache';
import { loadConfig } from '@app/config';
import { createEmbedder } from '@app/llm';
import { openPersistence } from '@app/persistence';
import { Metrics, PinoLog, SystemClock } from '@app/telemetry';
import type { Command } from 'commander';

export function addEmbeddingsCommand(program: Command): void {
  const embeddings = program
    .command('embeddings')
    .description('What similar incidents and passages of documents are found by.');
  embeddings
    .command('rebuild')
    .description(
      'Embeds every incident and document anew with the configured embedder. Restart the product afterwards.',
    )
    .action(rebuild);
  embeddings
    .command('reindex')
    .description('Makes the index over embeddings anew with VECTOR_INDEX_M and VECTOR_INDEX_EF_CONSTRUCTION.')
    .action(reindex);
}

async function reindex(): Promise<void> {
  const config = loadConfig();
  const persistence = await openPersistence(config);
  try {
    await persistence.embeddings.reindex();
    const { m, efConstruction } = config.similarity.index;
    process.stdout.write(`The index is made anew: m ${m}, ef_construction ${efConstruction}.\n`);
  } finally {
    await persistence.close();
  }
}

async function rebuild(): Promise<void> {
  const config = loadConfig();
  const log = PinoLog.create({ level: 'silent' });
  const persistence = await openPersistence(config);
  const handle = createCache(config, log, new Metrics());
  const coordination = createCoordination(config, log);
  try {
    const embedder = createEmbedder(config, {
      cache: handle.cache,
      ledger: persistence.usage,
      budget: persistence.budget,
      policies: persistence.modelPolicies,
      bus: coordination.eventBus,
      clock: new SystemClock(),
      log,
    });
    const before = await persistence.embeddings.dimensions();
    const done = await persistence.embeddings.rebuild(embedder);
    const passages = await persistence.passageIndex.rebuild(embedder);
    process.stdout.write(
      `${done} incidents and ${passages} passages embedded with ${embedder.model}: ${embedder.dimensions} dimensions, ${before} before.\n`,
    );
  } finally {
    await handle.close();
    await coordination.close();
    await persistence.close();
  }
}
