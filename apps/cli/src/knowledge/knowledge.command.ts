import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { loadConfig } from '@app/config';
import { InvalidInput, type AddedDocument } from '@app/domain';
import { DocumentReader, FetchPage, IngestDocument } from '@app/knowledge';
import { redactText } from '@app/log-analysis';
import { AddressGuard } from '@app/net';
import { openPersistence } from '@app/persistence';
import { Metrics, PinoLog } from '@app/telemetry';
import type { Command } from 'commander';
import { findProject } from '../projects/find-project.js';

interface AddOptions {
  readonly project?: string;
  readonly title?: string;
}

/** Documents, straight in the database: also while the server runs, and before it ever did. */
export function addKnowledgeCommand(program: Command): void {
  const knowledge = program.command('knowledge').description('Runbooks that diagnoses and answers rest on.');
  knowledge
    .command('add')
    .description('Takes in a document: Markdown, plain text, HTML or PDF. The server makes it findable.')
    .argument('<file|url>', 'a file, or an address on the internet')
    .option(
      '--project <project>',
      'for this project alone (owner/name, or its id); default: for every project',
    )
    .option('--title <title>', 'default: as the document names itself, or its file')
    .action(add);
}

async function add(source: string, { project, title }: AddOptions): Promise<void> {
  const config = loadConfig();
  const persistence = await openPersistence(config);
  try {
    const projectId = project === undefined ? null : (await findProject(persistence, project)).id;
    const about = { projectId, title: title ?? null };
    const ingest = new IngestDocument(
      {
        knowledge: persistence.knowledge,
        reader: new DocumentReader(config.knowledge),
        fetchPage: new FetchPage(config.knowledge, AddressGuard.forInternet(config.knowledge.internalHosts)),
        redactor: { redact: (text) => redactText(text).text },
        // The job's row is its outbox: a server that runs, or the next one, takes it from there.
        dispatch: { enqueue: async () => undefined },
      },
      PinoLog.create({ level: 'silent' }),
      new Metrics(),
    );
    const added = /^https?:\/\//i.test(source)
      ? await ingest.fromUrl({ ...about, url: source })
      : await ingest.upload({ ...about, ...(await fileAt(source, config.knowledge.maxBytes)) });
    process.stdout.write(said(added));
  } finally {
    await persistence.close();
  }
}

async function fileAt(path: string, maxBytes: number) {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) throw new InvalidInput(`There is no file ${path}.`);
  const { size } = found;
  if (size > maxBytes)
    throw new InvalidInput(`${path} has ${size} bytes, and KNOWLEDGE_MAX_BYTES is ${maxBytes}.`, { size });
  return { filename: basename(path), contentType: null, bytes: await readFile(path) };
}

function said({ document, job }: AddedDocument): string {
  const { id, title, passages } = document;
  return job === null
    ? `“${title}” is there already (${id}); nothing was stored.\n`
    : `“${title}” is stored (${id}): ${passages} passages. The server makes them findable; job ${job.id}.\n`;
}
