import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentDirectory, createLanguageModel } from '@app/llm';
import { OpenAiServer } from '../../stand-ins/openai-server.js';
import { failureContext } from '../../support/failure-context.js';
import { llmConfig } from '../../support/llm-config.js';
import { llmParts } from '../../support/llm-parts.js';
import { modelAnswer } from '../../support/model-answers.js';
import { pipelineWorld, typescriptLog } from '../../support/pipeline-world.js';

describe('the model’s roles', () => {
  let server: OpenAiServer;
  let world: ReturnType<typeof llmParts>;
  let directory: AgentDirectory;

  beforeEach(async () => {
    server = await OpenAiServer.start();
    server.answer = modelAnswer;
    world = llmParts();
    directory = directoryOf(world);
  });

  afterEach(() => server.close());

  const directoryOf = ({ parts }: ReturnType<typeof llmParts>) =>
    new AgentDirectory(llmConfig(server.url), { ...parts, states: parts.agents });
  /** As another process has it: nothing is remembered of what was decided before. */
  const model = () => createLanguageModel({ llm: llmConfig(server.url) }, world.parts);
  const asked = () => server.requests.map(({ schemaName }) => schemaName);

  it('are five, each with its model and its prompt', async () => {
    const agents = await directory.list();
    expect(agents.map(({ name }) => name)).toEqual([
      'classifier',
      'root-cause-analyst',
      'solution-author',
      'validator',
      'assistant',
    ]);
    for (const agent of agents) {
      expect(agent).toMatchObject({ active: true, provider: 'custom', model: 'stand-in:8b' });
      expect(agent.promptVersion).toBe(agent.promptVersions[0]);
      expect(await directory.get(agent.id)).toEqual(agent);
      expect(await directory.getByName(agent.name)).toEqual(agent);
    }
    const withoutModel = new AgentDirectory(null, { ...world.parts, states: world.parts.agents });
    expect((await withoutModel.get('chat')).provider).toBe('rules');
  });

  it('switched off are played by the rules, who say so, and by the model again when switched on', async () => {
    await directory.setActive('classify', false, 'ann');
    const off = await model().classify(failureContext());
    expect(off.meta).toMatchObject({
      source: 'rules',
      fallbackReason: 'llm_agent_inactive: The Classifier is switched off.',
    });
    expect(asked()).toEqual([]);
    await model().analyzeRootCause(failureContext(), off.value);
    expect(asked()).toEqual(['root_cause']);

    await directory.setActive('classify', true, 'ann');
    expect((await model().classify(failureContext())).meta.source).toBe('model');
    expect(world.log.of('agent_deactivated')).toEqual([{ agent: 'classify', by: 'ann' }]);
    expect(world.log.of('agent_activated')).toEqual([{ agent: 'classify', by: 'ann' }]);
  });

  it('promoted use the other prompt, and no answer of the one before', async () => {
    const { value: classification } = await model().classify(failureContext());
    const before = await model().analyzeRootCause(failureContext(), classification);
    expect((await model().analyzeRootCause(failureContext(), classification)).meta.cached).toBe(true);

    await directory.promote('root_cause', '3', 'ann');
    const after = await model().analyzeRootCause(failureContext(), classification);
    expect(before.meta.promptVersion).toBe('root_cause.v2');
    expect(after.meta).toMatchObject({ promptVersion: 'root_cause.v3', cached: false });
    expect(server.requests.at(-1)!.system).toContain('as they stand at that commit');
    expect(world.store.store.usage.at(-1)).toMatchObject({ promptVersion: 'root_cause.v3' });
    expect(world.bus.on('events:version_promoted')).toEqual([
      { agent: 'root_cause', promptVersion: 'root_cause.v3' },
    ]);
    expect(world.log.of('agent_version_promoted')).toEqual([
      { agent: 'root_cause', from: 'root_cause.v2', to: 'root_cause.v3', by: 'ann' },
    ]);

    await directory.promote('root_cause', 'v2', 'ann');
    expect((await model().analyzeRootCause(failureContext(), classification)).meta.cached).toBe(true);
  });

  it('are shown from the cache, and as they are after every change', async () => {
    await directory.list();
    await directory.get('solution');
    await directory.getByName('solution-author');
    const ask = world.store.agentStates.all.bind(world.store.agentStates);
    let asks = 0;
    world.store.agentStates.all = () => {
      asks += 1;
      return ask();
    };
    await directory.list();
    await directory.get('solution');
    await directory.getByName('solution-author');
    expect(asks).toBe(0);

    const changed = await directory.promote('solution', 'solution.v3', 'ann');
    expect(changed.promptVersion).toBe('solution.v3');
    expect(await directory.get('solution')).toEqual(changed);
    expect(await directory.getByName('Solution-Author')).toEqual(changed);
    expect((await directory.list())[2]).toEqual(changed);
    expect(await directoryOf(world).get('solution')).toEqual(changed);
  });

  it('are no others, and have no other versions', async () => {
    await expect(directory.get('janitor')).rejects.toMatchObject({ code: 'agent_not_found' });
    await expect(directory.getByName('janitor')).rejects.toMatchObject({ code: 'agent_not_found' });
    await expect(directory.setActive('janitor', false, 'ann')).rejects.toMatchObject({
      code: 'agent_not_found',
    });
    await expect(directory.promote('classify', 'v7', 'ann')).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('it has classify.v2'),
    });
  });

  it('are followed within two seconds by a process that asked before', async () => {
    const running = model();
    await running.classify(failureContext());
    await directory.setActive('classify', false, 'ann');
    await expect
      .poll(async () => (await running.classify(failureContext())).meta.source, {
        timeout: 5_000,
        interval: 100,
      })
      .toBe('rules');
  });

  it('are asked of nobody while the database is away: the rules answer', async () => {
    world.store.agentStates.all = async () => {
      throw new Error('The database is away.');
    };
    const { meta } = await model().classify(failureContext());
    expect(meta.fallbackReason).toBe('llm_agents_unknown: The database is away.');
    expect(server.requests).toEqual([]);
  });

  it('decide whose a diagnosis is: reused while nothing changes, made anew after', async () => {
    await directory.setActive('validate', false, 'ann');
    const pipeline = pipelineWorld(model());
    const occur = async (run: number, of = pipeline) => {
      const id = await of.failJob(run, typescriptLog(10 + run));
      await of.run(id);
      return (await of.store.diagnoses.ofIncident(id))!;
    };
    const first = await occur(1);
    expect(first.diagnosis.fallbackReason).toBe('llm_agent_inactive: The Validator is switched off.');
    expect(first.diagnosis.analyst).toMatch(/:-validate$/);
    expect((await occur(2)).reused).toBe(true);
    expect(asked()).toEqual(['classification', 'root_cause', 'solution']);

    await directory.setActive('validate', true, 'ann');
    await directory.promote('solution', '3', 'ann');
    await expect
      .poll(async () => (await pipeline.model.identity()).endsWith(':solution.v3'), { timeout: 5_000 })
      .toBe(true);
    const anew = await occur(3);
    expect(anew).toMatchObject({ reused: false, diagnosis: { fallbackReason: null } });
    expect(asked().slice(3)).toEqual(['solution', 'validation']);
  });

  it('that change under a diagnosis leave nothing that is reused', async () => {
    const pipeline = pipelineWorld(model());
    const id = await pipeline.failJob(1, typescriptLog());
    // Asked for a stored diagnosis, at the beginning, and at the end.
    const identities = ['custom:one', 'custom:one', 'custom:two'];
    pipeline.model.identity = async () => identities.shift() ?? 'custom:two';
    await pipeline.run(id);
    expect((await pipeline.store.diagnoses.ofIncident(id))!.diagnosis.analyst).toBe('fallback');
  });
});
