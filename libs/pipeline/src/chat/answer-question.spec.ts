import type { ChatQuestion, FoundPassage, PassageQuestion, SaidTurn } from '@app/domain';
import { CachedLanguageModel, RuleAnalyst, UsageRecorder } from '@app/llm';
import { redactText } from '@app/log-analysis';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeCache } from '../../../../test/fakes/fake-cache.js';
import { FakeLanguageModel } from '../../../../test/fakes/fake-language-model.js';
import { allModels, llmConfig } from '../../../../test/support/llm-config.js';
import { pipelineWorld, TestLog, typescriptLog } from '../../../../test/support/pipeline-world.js';
import { AnswerQuestion, type Question } from './answer-question.js';
import { Converse } from './converse.js';
import { IncidentSources } from './incident-sources.js';

const PROVIDER = llmConfig('http://127.0.0.1:1/v1', { provider: 'fake', models: allModels('fake-model') });
const redactor = { redact: (text: string) => redactText(text).text };
const person = (text: string, projectIds: SaidTurn['projectIds'] = []): SaidTurn => ({
  role: 'person',
  text,
  projectIds,
});
const assistant = (text: string, projectIds: SaidTurn['projectIds'] = []): SaidTurn => ({
  ...person(text, projectIds),
  role: 'assistant',
});

function passage(changes: Partial<FoundPassage> = {}): FoundPassage {
  return {
    documentId: 'd1',
    position: 0,
    projectId: null,
    title: 'Runners › Disk full',
    text: 'Prune the docker images on the runner.',
    url: null,
    score: 0.03,
    ...changes,
  };
}

let world: ReturnType<typeof pipelineWorld<FakeLanguageModel>>;
let cache: FakeCache;
let found: FoundPassage[];
let asked: PassageQuestion[];
let answering: AnswerQuestion;
let incidentId: string;
let projectId: string;

beforeEach(async () => {
  world = pipelineWorld(new FakeLanguageModel());
  cache = new FakeCache();
  found = [passage()];
  asked = [];
  answering = over(
    new CachedLanguageModel(
      world.model,
      cache,
      new UsageRecorder(world.store.usage, world.clock, world.log),
      PROVIDER,
      world.log,
    ),
  );
  incidentId = await world.failJob(7, typescriptLog());
  await world.run(incidentId);
  ({ projectId } = await world.store.incidents.get(incidentId));
});

function over(model: CachedLanguageModel | RuleAnalyst): AnswerQuestion {
  const { incidents, diagnoses, logs, similarity, modelPolicies } = world.store;
  const { embedder } = world;
  const sources = { incidents, diagnoses, logs, similarity, policies: modelPolicies, embedder };
  const finder = {
    async find(question: PassageQuestion) {
      asked.push(question);
      return found;
    },
  };
  return new AnswerQuestion(
    finder,
    new IncidentSources(sources, new TestLog()),
    modelPolicies,
    model,
    redactor,
  );
}

const question = (changes: Partial<Question> = {}): Question => ({
  text: 'What do I do about a full disk?',
  projectIds: null,
  visibleProjectIds: null,
  incidentId: null,
  sessionId: 's1',
  history: [],
  ...changes,
});
/** A project that forbids outside models. */
async function strictProject() {
  const project = await world.store.projects.ensure({ host: 'github.com', owner: 'o', name: 'strict' });
  const policy = await world.store.modelPolicies.of(project.id);
  await world.store.modelPolicies.set(project.id, { ...policy, allowsOutsideModel: false });
  return project;
}
const sourcesOf = async (text: string) => (await answering.run(question({ text }))).sources;
const chats = () =>
  world.model.calls
    .filter(({ operation }) => operation === 'answer')
    .map(({ subject }) => subject as ChatQuestion);

describe('AnswerQuestion', () => {
  it('asks the model with passages and incidents, and names what the answer cites of each', async () => {
    world.model.answers.chat = {
      text: 'Prune the images.',
      citations: [{ evidenceId: 'S1', quote: 'Prune the docker images' }],
      grounded: true,
    };
    const answer = await answering.run(question({ text: 'string not assignable to number in basket' }));
    const [chat] = chats();
    expect(chat!.sources.map(({ id, title }) => [id, title])).toEqual([
      ['S1', 'Runners › Disk full'],
      ['S2', 'build of acme/widgets'],
    ]);
    expect(chat!.sources[1]!.text).toContain('Root cause:');
    expect(chat!.sources[1]!.text).toContain('TS2322');
    expect(answer).toMatchObject({
      text: 'Prune the images.',
      grounded: true,
      answeredBy: 'model',
      model: 'fake-model',
      cached: false,
    });
    expect(answer.sources).toMatchObject([
      { id: 'S1', kind: 'passage', documentId: 'd1', incidentId: null, quotes: ['Prune the docker images'] },
      { id: 'S2', kind: 'incident', documentId: null, incidentId, quotes: [] },
    ]);
  });

  it('puts the incident that is asked about first, whatever the question says', async () => {
    await answering.run(question({ text: 'Why?', incidentId, projectIds: [projectId] }));
    expect(chats()[0]!.sources.map(({ title }) => title)).toEqual([
      'build of acme/widgets',
      'Runners › Disk full',
    ]);
  });

  it('answers the same question of a session once, however it is written and whatever it was answered', async () => {
    const first = await answering.run(question());
    const history = [person('What do I do about a full disk?'), assistant(first.text)];
    const second = await answering.run(question({ text: '  what do I do\n about a FULL disk? ', history }));
    expect(chats()).toHaveLength(1);
    expect([first.cached, second.cached]).toEqual([false, true]);
    expect(second.text).toBe(first.text);
    await answering.run(question({ sessionId: 's2' }));
    expect(chats()).toHaveLength(2);
  });

  it('answers anew when something else was said meanwhile, or something else is known', async () => {
    await answering.run(question());
    await answering.run(question({ history: [person('Which runner?'), assistant('The large one.')] }));
    expect(chats()[1]!.history).toEqual([
      { role: 'person', text: 'Which runner?' },
      { role: 'assistant', text: 'The large one.' },
    ]);
    found = [passage({ text: 'Buy larger volumes for the runner.' })];
    await answering.run(question());
    expect(chats()).toHaveLength(3);
  });

  it('asks nobody when nothing is known, and says so', async () => {
    found = [];
    const answer = await answering.run(question({ text: 'zeppelin hydrogen refill' }));
    expect(answer).toMatchObject({ sources: [], grounded: false, answeredBy: 'rules' });
    expect(answer.text).toContain('Nothing that is known');
    expect(chats()).toEqual([]);
  });

  it('answers with the best that is known where no model is, and says so', async () => {
    const answer = await over(new RuleAnalyst()).run(question({ text: 'prune docker images?' }));
    expect(answer).toMatchObject({ answeredBy: 'rules', model: null, grounded: true });
    expect(answer.text).toContain('No model answers');
    expect(answer.text).toContain('- Prune the docker images on the runner.');
    expect(answer.text).toContain('[S1] Runners › Disk full');
  });

  it('finds incidents by one word that few share, or by several that many do', async () => {
    for (let runId = 20; runId < 26; runId += 1) await world.failJob(runId, typescriptLog());
    found = [];
    expect(await sourcesOf('What do I do when something is not assignable?')).toMatchObject([{ incidentId }]);
    expect(await sourcesOf('Which build has a zeppelin?')).toEqual([]);
    expect(await sourcesOf('Which build of main has a zeppelin?')).not.toEqual([]);
  });

  it('holds to the scope of the asker', async () => {
    await answering.run(question({ text: 'string not assignable to number', projectIds: [] }));
    expect(asked[0]).toMatchObject({ projectIds: [] });
    expect(chats()[0]!.sources.map(({ title }) => title)).toEqual(['Runners › Disk full']);
  });

  it('asks in the name of a project that forbids outside models, if one of the sources is of such a one', async () => {
    const strict = await strictProject();
    found = [passage({ projectId }), passage({ documentId: 'd2', projectId: strict.id })];
    await answering.run(question());
    found = [passage({ projectId })];
    await answering.run(question());
    found = [passage()];
    await answering.run(question({ projectIds: [] }));
    expect(chats().map((chat) => chat.projectId)).toEqual([
      strict.id,
      projectId,
      '00000000-0000-0000-0000-000000000000',
    ]);
  });

  it('says of which projects an answer may hold words: of its sources, and of what was said before', async () => {
    found = [passage({ projectId })];
    const { projectIds } = await answering.run(question({ history: [person('Hm?', ['another'])] }));
    expect(projectIds).toEqual([projectId, 'another']);
    found = [];
    const own = question({ text: 'zeppelin hydrogen refill', projectIds: ['another'] });
    expect((await answering.run(own)).projectIds).toEqual(['another']);
  });

  it('lets nothing said of a project that forbids outside models along, unless it is asked in its name', async () => {
    const strict = await strictProject();
    const history = [
      person('What is our launch code?', [strict.id, projectId]),
      assistant('It is 0000.', [projectId, strict.id]),
      person('And before this was recorded?', null),
      assistant('Also 0000.', null),
      person('Which runner?', [projectId]),
      assistant('The large one.', []),
    ];
    found = [passage({ projectId })];
    await answering.run(question({ history }));
    found = [passage({ projectId: strict.id })];
    await answering.run(question({ history }));
    expect(chats().map((chat) => [chat.projectId, chat.history.map(({ text }) => text)])).toEqual([
      [projectId, ['Which runner?', 'The large one.']],
      [strict.id, history.map(({ text }) => text)],
    ]);
  });

  it('lets nothing along of a project that the asker may not see any more', async () => {
    const history = [
      person('Which disk?', [projectId]),
      assistant('Of the other runner.', [projectId, 'another']),
      assistant('Nobody recorded it.', null),
    ];
    await answering.run(question({ projectIds: [projectId], visibleProjectIds: [projectId], history }));
    expect(chats()[0]!.history.map(({ text }) => text)).toEqual(['Which disk?']);
  });

  it('embeds no question outside that is about a project which lets nothing out, and says so', async () => {
    await strictProject();
    world.embedder.isOutside = true;
    world.embedder.calls.length = 0;
    const everywhere = await answering.run(question());
    expect(everywhere).toMatchObject({ wordsAlone: true });
    expect(everywhere.text).toContain('by its words alone');
    expect(world.embedder.calls).toEqual([]);
    const elsewhere = await answering.run(question({ projectIds: [projectId] }));
    expect(elsewhere).toMatchObject({ wordsAlone: false });
    expect(elsewhere.text).not.toContain('by its words alone');
    expect(world.embedder.calls).toHaveLength(1);
    found = [];
    const nothing = await answering.run(question({ text: 'zeppelin hydrogen refill' }));
    expect(nothing.text).toContain('by its words alone');
  });

  it('rests on no diagnosis that a person called wrong', async () => {
    const asked = question({ text: 'Why?', incidentId, projectIds: [projectId] });
    await answering.run(asked);
    expect(chats().at(-1)!.sources[0]!.text).toContain('Root cause:');
    await world.store.incidents.move(incidentId, 'ignored', 'Not ours.');
    const verdict = { rootCause: 'wrong', solution: 'not_tried', actualCause: null, note: null } as const;
    await world.giveFeedback.run(incidentId, { ...verdict, by: 'ada' });
    await answering.run(asked);
    expect(chats().at(-1)!.sources[0]!.text).toContain('called wrong');
    expect(chats().at(-1)!.sources[0]!.text).not.toContain('Root cause:');
  });

  it('shows no model a secret that somebody types', async () => {
    const token = `ghp_${'Zx9Yw8Vu7T'.repeat(4).slice(0, 36)}`;
    await answering.run(question({ text: `Is the token ${token} wrong for the docker images?` }));
    expect(JSON.stringify([chats(), asked])).not.toContain(token);
  });
});

describe('Converse', () => {
  it('stores what is said and the answer, which knows what was said before, and drops what the cache held', async () => {
    const { channels } = world.store;
    const converse = new Converse(channels, answering, redactor, cache);
    const channel = await converse.open({ title: 'Disks', projectId, incidentId, createdBy: 'ci' });
    await cache.set({ operation: 'messages.count', id: channel.id }, 0);
    await cache.set({ operation: 'channels', id: 'list:all:x' }, []);
    await converse.say(channel, 'ci', 'Which runner has a full disk?');
    expect(cache.ids('messages.count')).toEqual([]);
    expect(cache.ids('channels')).toEqual([]);
    const { reply } = await converse.say(channel, 'ci', 'And what do I do?');
    expect(chats()[1]!.history.map(({ role }) => role)).toEqual(['person', 'assistant']);
    expect(chats()[1]).toMatchObject({ sessionId: channel.id, projectId });
    expect(reply.answer!.sources[0]).toMatchObject({ kind: 'incident', incidentId });
    expect(await channels.countMessages(channel.id)).toBe(4);
  });

  it('shows no outside model what was said of a project that forbids it', async () => {
    const { channels } = world.store;
    const converse = new Converse(channels, answering, redactor, cache);
    const everything = { title: 'All', projectId: null, incidentId: null, createdBy: 'ci' };
    const channel = await converse.open(everything);
    const strict = await strictProject();
    const say = (text: string, of: string) => {
      found = [passage({ projectId: of })];
      return converse.say(channel, 'ci', text);
    };
    // As an earlier version stored it.
    await channels.say(channel.id, { role: 'person', author: 'ci', text: 'Long ago?', answer: null });
    await say('What is strict?', strict.id);
    await say('What is lax?', projectId);
    await say('And now?', projectId);
    expect(chats().map((chat) => chat.history.map(({ text }) => text))).toEqual([
      ['Long ago?'],
      [],
      ['What is lax?', expect.any(String)],
    ]);
  });

  it('keeps a question whose answer fails', async () => {
    const { channels } = world.store;
    const converse = new Converse(channels, answering, redactor, cache);
    const channel = await converse.open({
      title: 'Disks',
      projectId: null,
      incidentId: null,
      createdBy: 'ci',
    });
    world.model.fail('answer', new Error('boom'));
    await expect(converse.say(channel, 'ci', 'What now?')).rejects.toThrow('boom');
    expect((await channels.messages(channel.id, 5, null)).items).toMatchObject([{ role: 'person' }]);
  });
});
