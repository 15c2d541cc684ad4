import type {
  AnswerReference,
  CallOptions,
  ChatSource,
  ChatTurn,
  FoundPassage,
  GroundedAnswer,
  LanguageModel,
  ModelPolicies,
  PassageFinder,
  ProjectScope,
  Redactor,
} from '@app/domain';
import type { IncidentSource, IncidentSources } from './incident-sources.js';

export interface Question {
  readonly text: string;
  /** What the asker may see. */
  readonly projectIds: ProjectScope;
  /** The incident it is about; the asker may see it. */
  readonly incidentId: string | null;
  /** Names the conversation; null outside one. */
  readonly sessionId: string | null;
  /** What was said before, the oldest first. Redacted. */
  readonly history: readonly ChatTurn[];
}

type Found = { readonly kind: 'incident'; readonly source: IncidentSource } | PassageFound;
interface PassageFound {
  readonly kind: 'passage';
  readonly source: FoundPassage;
}

const MAX_PASSAGES = 4;
const MAX_INCIDENTS = 4;
const MAX_SOURCE_CHARS = 3_000;
const EXCERPT_CHARS = 400;
const MAX_TURNS = 12;
/** Stands for “of no project” where an id is needed: documents for every project alone. */
const NO_PROJECT = '00000000-0000-0000-0000-000000000000';
const NOTHING_KNOWN =
  'Nothing that is known speaks of this: no incident and no document that you may see fits the question.';

const WORDS_ALONE =
  'This was searched by its words alone: a project it is about lets nothing out to the embedder.';

/** Answers a person's question from incidents and documents that they may see, and says what the answer rests on. */
export class AnswerQuestion {
  constructor(
    private readonly passages: PassageFinder,
    private readonly incidents: IncidentSources,
    private readonly policies: ModelPolicies,
    private readonly model: LanguageModel,
    private readonly redactor: Redactor,
  ) {}

  /** @throws ExternalFailure `database_away` */
  async run(question: Question, options: CallOptions = {}): Promise<GroundedAnswer> {
    const text = this.redactor.redact(question.text);
    const [found, mayEmbed] = await Promise.all([
      this.find(text, question),
      this.incidents.mayEmbed(question.projectIds),
    ]);
    const wordsAlone = !mayEmbed;
    const said = (answer: string) => (wordsAlone ? `${answer}\n\n${WORDS_ALONE}` : answer);
    if (found.length === 0) {
      const nothing = {
        sources: [],
        grounded: false,
        answeredBy: 'rules',
        model: null,
        cached: false,
      } as const;
      return { text: said(NOTHING_KNOWN), ...nothing, wordsAlone };
    }
    const sources = found.map(toChatSource);
    const asked = {
      projectId: await this.projectOf(found, question.projectIds),
      sessionId: question.sessionId,
      question: text,
      history: withoutRepeats(question.history, text).slice(-MAX_TURNS),
      sources,
    };
    const { value, meta } = await this.model.answer(asked, options);
    const references = found.map((one, index) =>
      toReference(
        one,
        sources[index]!,
        value.citations
          .filter(({ evidenceId }) => evidenceId === sources[index]!.id)
          .map(({ quote }) => quote),
      ),
    );
    const byRules = meta.source === 'rules';
    return {
      text: said(byRules ? `${value.text}\n\n${nearest(references)}` : value.text),
      sources: references,
      grounded: value.grounded,
      answeredBy: meta.source,
      model: byRules ? null : meta.model,
      cached: meta.cached,
      wordsAlone,
    };
  }

  /** The incident that is asked about, then passages and incidents in turns, each the best first. */
  private async find(text: string, { projectIds, incidentId }: Question): Promise<readonly Found[]> {
    const [own, passages, incidents] = await Promise.all([
      incidentId === null ? null : this.incidents.of(incidentId),
      this.passages.find({ projectIds, text, limit: MAX_PASSAGES }),
      this.incidents.find(text, projectIds, MAX_INCIDENTS),
    ]);
    const found: Found[] = own === null ? [] : [{ kind: 'incident', source: own }];
    const others = incidents.filter((source) => source.incidentId !== incidentId);
    for (let turn = 0; turn < Math.max(passages.length, others.length); turn += 1) {
      const passage = passages[turn];
      const incident = others[turn];
      if (passage) found.push({ kind: 'passage', source: passage });
      if (incident) found.push({ kind: 'incident', source: incident });
    }
    return found;
  }

  /**
   * The project whose rules and budget hold for the question: one that forbids outside models, if any of the sources is
   * of such a one.
   */
  private async projectOf(found: readonly Found[], scope: ProjectScope): Promise<string> {
    const ids = [...new Set(found.map(({ source }) => source.projectId).filter((id) => id !== null))];
    const policies = await Promise.all(ids.map((id) => this.policies.of(id)));
    const strict = ids.find((_, index) => !policies[index]!.allowsOutsideModel);
    return strict ?? ids[0] ?? scope?.[0] ?? NO_PROJECT;
  }
}

function toChatSource({ source }: Found, index: number): ChatSource {
  return { id: `S${index + 1}`, title: source.title, text: source.text.slice(0, MAX_SOURCE_CHARS) };
}

function toReference(
  found: Found,
  { id, title, text }: ChatSource,
  quotes: readonly string[],
): AnswerReference {
  return {
    id,
    kind: found.kind,
    title,
    incidentId: found.kind === 'incident' ? found.source.incidentId : null,
    documentId: found.kind === 'passage' ? found.source.documentId : null,
    url: found.kind === 'passage' ? found.source.url : null,
    excerpt: text.length > EXCERPT_CHARS ? `${text.slice(0, EXCERPT_CHARS)}…` : text,
    quotes,
  };
}

function nearest(references: readonly AnswerReference[]): string {
  return `The nearest that is known:\n${references.map(({ id, title }) => `- [${id}] ${title}`).join('\n')}`;
}

/**
 * The conversation without earlier askings of this very question and what was answered to them: asked again, it is the
 * same question, whose answer may be remembered.
 */
function withoutRepeats(history: readonly ChatTurn[], question: string): readonly ChatTurn[] {
  const asked = normalised(question);
  const isRepeat = (turn: ChatTurn | undefined) => turn?.role === 'person' && normalised(turn.text) === asked;
  return history.filter(
    (turn, index) => !isRepeat(turn) && !(turn.role === 'assistant' && isRepeat(history[index - 1])),
  );
}

function normalised(text: string): string {
  return text.trim().toLowerCase().replaceAll(/\s+/g, ' ');
}
