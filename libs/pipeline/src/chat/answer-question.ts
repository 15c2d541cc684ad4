import type {
  AnswerReference,
  CallOptions,
  ChatSource,
  FoundPassage,
  GroundedAnswer,
  LanguageModel,
  ModelPolicies,
  PassageFinder,
  ProjectScope,
  Redactor,
  SaidTurn,
} from '@app/domain';
import { withoutForbidden, withoutRepeats, withoutUnseen } from './earlier-turns.js';
import type { IncidentSource, IncidentSources } from './incident-sources.js';

export interface Question {
  readonly text: string;
  /** Where an answer is looked for; the asker may see it. */
  readonly projectIds: ProjectScope;
  /** What the asker may see: nothing that was said of another project goes along. */
  readonly visibleProjectIds: ProjectScope;
  /** The incident it is about; the asker may see it. */
  readonly incidentId: string | null;
  /** Names the conversation; null outside one. */
  readonly sessionId: string | null;
  /** What was said before, the oldest first. Redacted. */
  readonly history: readonly SaidTurn[];
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
      return { text: said(NOTHING_KNOWN), ...nothing, wordsAlone, projectIds: projectsOf(question, []) };
    }
    const sources = found.map(toChatSource);
    const about = projectsOf(question, found);
    const strict = await this.strictest(about);
    const history = await this.earlier(question, text, strict !== null);
    const asked = {
      projectId: strict ?? about[0] ?? question.projectIds?.[0] ?? NO_PROJECT,
      sessionId: question.sessionId,
      question: text,
      history: history.map(({ role, text: words }) => ({ role, text: words })),
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
      projectIds: [...new Set([...about, ...history.flatMap(({ projectIds }) => projectIds ?? [])])],
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
   * What was said before, as far as it may go along: nothing of a project that the asker may not see, and to a model
   * outside nothing that may hold words of a project which forbids that.
   * @param isStrict the question is asked in the name of such a project, so that nothing of it leaves our network
   */
  private async earlier(
    { history, visibleProjectIds }: Question,
    text: string,
    isStrict: boolean,
  ): Promise<readonly SaidTurn[]> {
    const seen = withoutUnseen(withoutRepeats(history, text), visibleProjectIds);
    if (isStrict) return seen.slice(-MAX_TURNS);
    const ids = [...new Set(seen.flatMap(({ projectIds }) => projectIds ?? []))];
    const forbidding = await this.forbidding(ids);
    return withoutForbidden(seen, new Set(forbidding)).slice(-MAX_TURNS);
  }

  /** The one of the projects whose rules hold for all of them: one that forbids outside models. */
  private async strictest(projectIds: readonly string[]): Promise<string | null> {
    return (await this.forbidding(projectIds))[0] ?? null;
  }

  private async forbidding(projectIds: readonly string[]): Promise<readonly string[]> {
    const policies = await Promise.all(projectIds.map((id) => this.policies.of(id)));
    return projectIds.filter((_, index) => !policies[index]!.allowsOutsideModel);
  }
}

/** The projects that a question is about: those of its sources, and the one that alone was searched. */
function projectsOf({ projectIds }: Question, found: readonly Found[]): readonly string[] {
  const asked = projectIds?.length === 1 ? projectIds : [];
  const sources = found.map(({ source }) => source.projectId).filter((id) => id !== null);
  return [...new Set([...sources, ...asked])];
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
