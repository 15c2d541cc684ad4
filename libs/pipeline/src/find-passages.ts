import type { Incident, Log, PassageFinder, RunbookPassage } from '@app/domain';

/** More would push the log itself out of the prompt. */
const MAX_PASSAGES = 3;

/** Passages of the project's runbooks that fit a failure. An aid: its failure never stops a diagnosis. */
export class FindPassages {
  constructor(
    private readonly passages: PassageFinder,
    private readonly log: Log,
  ) {}

  async run(incident: Incident, signature: string, signal?: AbortSignal): Promise<readonly RunbookPassage[]> {
    try {
      const found = await this.passages.find({
        projectIds: [incident.projectId],
        text: signature,
        limit: MAX_PASSAGES,
        signal,
      });
      return found.map(({ title, text }) => ({ title, text }));
    } catch (error) {
      signal?.throwIfAborted();
      this.log.warn({ incidentId: incident.id, error: (error as Error).message }, 'runbooks_unavailable');
      return [];
    }
  }
}
