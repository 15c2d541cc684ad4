import type {
  DiagnosisRepository,
  Embedder,
  Incident,
  IncidentRepository,
  Log,
  LogArchive,
  ModelPolicies,
  ProjectScope,
  SimilaritySearch,
} from '@app/domain';
import { repositoryName } from '@app/domain';

/** Incidents that each way of searching may bring. */
const CANDIDATES = 5;
/** A question shares little with a failure's signature: what is not near by words must be near by this much. */
const LEAST_SIMILARITY = 0.3;
const MAX_WORDS = 6;
const MIN_WORD_CHARS = 3;
/**
 * What sharing a word with the question weighs: a word that stands in no more incidents than are looked at says what it is
 * about, and the more the fewer they are; of any other it takes two.
 */
const RARE_WEIGHT = 1;
const COMMON_WEIGHT = 0.5;
const MAX_EVIDENCE_CHARS = 1_500;
/** Words that most questions hold and that say nothing of their subject. */
const QUESTION_WORDS = new Set(
  `about after again all and any are because been before but can could did does done fail failed failing fails for from
   had has have here how incident incidents into its last long many most much not now our out over should since some
   than that the their them then there they this those was were what when where which who why will with would you
   your`.split(/\s+/),
);

/** An incident as a source of an answer. */
export interface IncidentSource {
  readonly incidentId: string;
  readonly projectId: string;
  readonly title: string;
  readonly text: string;
}

export interface IncidentSourceParts {
  readonly incidents: IncidentRepository;
  readonly diagnoses: DiagnosisRepository;
  readonly logs: LogArchive;
  readonly similarity: SimilaritySearch;
  readonly policies: ModelPolicies;
  readonly embedder: Embedder;
}

/** Incidents that a question may be about, with what is known of each. */
export class IncidentSources {
  constructor(
    private readonly parts: IncidentSourceParts,
    private readonly log: Log,
  ) {}

  /** By meaning and by words, the best first. */
  async find(question: string, projectIds: ProjectScope, limit: number): Promise<readonly IncidentSource[]> {
    const [byWords, byMeaning] = await Promise.all([
      this.byWords(question, projectIds),
      this.byMeaning(question, projectIds),
    ]);
    const ids = [...new Set([...byWords, ...byMeaning])].slice(0, limit);
    const found = await Promise.all(ids.map((id) => this.of(id)));
    return found.filter((source) => source !== null);
  }

  /** False: a project of the scope lets nothing out to the embedder, and questions are searched by their words alone. */
  async mayEmbed(projectIds: ProjectScope): Promise<boolean> {
    const { embedder, policies } = this.parts;
    return !embedder.isOutside || policies.allowOutside(projectIds);
  }

  /** Null when there is no such incident. */
  async of(incidentId: string): Promise<IncidentSource | null> {
    const incident = await this.parts.incidents.find(incidentId);
    if (!incident) return null;
    const [diagnosed, archived] = await Promise.all([
      this.parts.diagnoses.ofIncident(incidentId),
      this.parts.logs.find(incidentId, incident.latestAttempt),
    ]);
    const lines = [factsOf(incident)];
    if (diagnosed?.contradicted) lines.push('Its diagnosis was called wrong; no other one is known yet.');
    else if (diagnosed) {
      const { rootCause, solution } = diagnosed.diagnosis;
      lines.push(`Root cause: ${rootCause.primaryCause}`, `Fix: ${solution.summary}`);
      lines.push(...solution.steps.map((step) => `- ${step}`));
    }
    const evidence = archived?.report.evidence.map(({ text }) => text).join('\n') ?? '';
    if (evidence !== '') lines.push('From its log:', evidence.slice(0, MAX_EVIDENCE_CHARS));
    return { incidentId, projectId: incident.projectId, title: titleOf(incident), text: lines.join('\n') };
  }

  /** Those that share the rarest and most words with the question, the newest of equals first. */
  private async byWords(question: string, projectIds: ProjectScope): Promise<readonly string[]> {
    const words = significantWords(question);
    const pages = await Promise.all(
      words.map((text) =>
        this.parts.incidents.list({ text, projectIds: projectIds ?? undefined }, CANDIDATES, null),
      ),
    );
    const weights = new Map<string, number>();
    for (const { items, nextCursor } of pages) {
      const weight = nextCursor === null ? RARE_WEIGHT + 1 / (1 + items.length) : COMMON_WEIGHT;
      for (const { id } of items) weights.set(id, (weights.get(id) ?? 0) + weight);
    }
    // Where the question is a single word, that must do.
    const least = Math.min(RARE_WEIGHT, COMMON_WEIGHT * words.length);
    return [...weights]
      .filter(([, weight]) => weight >= least)
      .toSorted((a, b) => b[1] - a[1])
      .map(([id]) => id);
  }

  /** An aid: without the embedder words find something too. */
  private async byMeaning(question: string, projectIds: ProjectScope): Promise<readonly string[]> {
    const { embedder, similarity } = this.parts;
    try {
      if (!(await this.mayEmbed(projectIds))) return [];
      const [embedding] = await embedder.embed([question]);
      const found = await similarity.find({
        projectIds,
        embedding: embedding!,
        text: question,
        model: embedder.model,
        threshold: LEAST_SIMILARITY,
        limit: CANDIDATES,
      });
      return found.map(({ incidentId }) => incidentId);
    } catch (error) {
      this.log.warn({ error: (error as Error).message }, 'incidents_found_by_words_alone');
      return [];
    }
  }
}

function titleOf({ jobName, repository }: Incident): string {
  return `${jobName === '' ? 'A run' : jobName} of ${repositoryName(repository)}`;
}

function factsOf(incident: Incident): string {
  const { branch, status, category, occurrences, lastFailedAt, workflowName } = incident;
  return [
    `${titleOf(incident)}${workflowName === null ? '' : ` (workflow ${workflowName})`}`,
    branch === null ? null : `on ${branch}`,
    `last failed ${lastFailedAt.toISOString()}`,
    `${occurrences} failed ${occurrences === 1 ? 'attempt' : 'attempts'}`,
    category,
    status,
  ]
    .filter((fact) => fact !== null)
    .join(', ');
}

function significantWords(question: string): readonly string[] {
  const words = question.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const telling = words.filter((word) => word.length >= MIN_WORD_CHARS && !QUESTION_WORDS.has(word));
  // The longest say most.
  return [...new Set(telling)].toSorted((a, b) => b.length - a.length).slice(0, MAX_WORDS);
}
