import type { Incident, LogReport, RepositoryFile, RunbookPassage, SimilarIncident } from '@app/domain';
import type { FindPassages } from './find-passages.js';
import type { FindSimilar } from './find-similar.js';
import type { GatherFiles } from './gather-files.js';

/** What a diagnosis is made from besides the log. */
export interface Material {
  readonly similar: readonly SimilarIncident[];
  readonly runbooks: readonly RunbookPassage[];
  readonly files: readonly RepositoryFile[];
}

export interface GatheredMaterial extends Material {
  /** For the timeline of the incident. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** Everything that helps with a new failure, asked for at once; whatever part of it can't be had is missing. */
export class GatherMaterial {
  constructor(
    private readonly findSimilar: FindSimilar,
    private readonly findPassages: FindPassages,
    readonly files: GatherFiles,
  ) {}

  async run(incident: Incident, report: LogReport, signal: AbortSignal): Promise<GatheredMaterial> {
    const [found, gathered] = await Promise.all([
      this.found(incident, report.signature, signal),
      this.files.run(incident, report, signal),
    ]);
    const { files, missing } = gathered;
    const facts = {
      files: files.length,
      ...(missing === null ? {} : { filesMissing: missing }),
      ...(found.runbooks.length === 0 ? {} : { runbooks: found.runbooks.map(({ title }) => title) }),
    };
    return { ...found, files, facts };
  }

  /** What is kept of a known failure's incident, for which nothing has to be gathered. */
  remember(incident: Incident, report: LogReport, signal: AbortSignal): Promise<void> {
    return this.findSimilar.remember(incident, report.signature, signal);
  }

  /** One after the other: the second finds the embedding in the cache. */
  private async found(incident: Incident, signature: string, signal: AbortSignal) {
    const similar = await this.findSimilar.run(incident, signature, signal);
    return { similar, runbooks: await this.findPassages.run(incident, signature, signal) };
  }
}
