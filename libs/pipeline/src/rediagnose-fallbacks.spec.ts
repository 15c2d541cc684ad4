import { describe, expect, it } from 'vitest';
import { FakeLanguageModel } from '../../../test/fakes/fake-language-model.js';
import { pipelineWorld, typescriptLog } from '../../../test/support/pipeline-world.js';

/** A model whose answers others give for the reason it has; null: it answers itself. */
class ReplacedModel extends FakeLanguageModel {
  reason: string | null = null;

  override async classify(...args: Parameters<FakeLanguageModel['classify']>) {
    const answer = await super.classify(...args);
    const source = this.reason === null ? ('model' as const) : ('rules' as const);
    return { ...answer, meta: { ...answer.meta, source, fallbackReason: this.reason } };
  }
}

async function world(reason: string, failures = 1) {
  const model = new ReplacedModel();
  const made = pipelineWorld(model);
  model.reason = reason;
  const ids: string[] = [];
  for (let n = 1; n <= failures; n += 1) {
    const log = typescriptLog(10, `error TS2304: Cannot find name '${'abcdefghijklmnopqrstuvwxyz'[n]}oo'.`);
    ids.push(await made.failJob(n, log));
    await made.run(ids.at(-1)!);
    made.clock.advance(1);
  }
  /** Works off what was dispatched since. */
  const work = async () => {
    for (const id of ids) await made.run(id);
  };
  const sources = async () =>
    Promise.all(ids.map(async (id) => (await made.store.diagnoses.ofIncident(id))!.diagnosis.source));
  return { ...made, model, ids, work, sources };
}

describe('RediagnoseFallbacks', () => {
  it('does nothing while every diagnosis is by who should make it', async () => {
    const made = pipelineWorld();
    await made.run(await made.failJob(1, typescriptLog()));
    expect(await made.rediagnose.run()).toBe(0);
  });

  it('stores why the rules answered, and offers the incident when the model is back', async () => {
    const made = await world('llm_unavailable: The server answered 503.');
    const [id] = made.ids as [string];
    expect((await made.store.diagnoses.ofIncident(id))!.diagnosis).toMatchObject({
      source: 'rules',
      fallbackReason: 'llm_unavailable: The server answered 503.',
    });

    made.health.isBack = false;
    expect(await made.rediagnose.run()).toBe(0);
    made.health.isBack = true;
    made.model.reason = null;
    expect(await made.rediagnose.run()).toBe(1);
    await made.work();

    expect(await made.sources()).toEqual(['model']);
    expect((await made.store.incidents.get(id)).status).toBe('diagnosed');
    expect(await made.rediagnose.run()).toBe(0);
    const causes = (await made.store.incidents.timeline(id)).map(({ facts }) => facts['cause']);
    expect(causes.filter((cause) => cause === 'model_back')).toHaveLength(1);
  });

  it('offers one at first, and all the others when that went well', async () => {
    const made = await world('llm_away: It is left alone.', 8);
    made.model.reason = null;
    expect(await made.rediagnose.run()).toBe(1);
    await made.work();
    expect(await made.rediagnose.run()).toBe(7);
    await made.work();
    expect(new Set(await made.sources())).toEqual(new Set(['model']));
  });

  it('goes back to one when the model is back in name only, and gives up after three offers', async () => {
    const made = await world('llm_timeout: No answer.', 2);
    const offered: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      offered.push(await made.rediagnose.run());
      await made.work();
      made.clock.advance(60_000);
    }
    expect(Math.max(...offered)).toBe(1);
    expect(offered.reduce((sum, n) => sum + n, 0)).toBe(6);
    expect(await made.sources()).toEqual(['rules', 'rules']);
  });

  it.each([
    'llm_refused: It refused.',
    'llm_unusable_answer: No JSON.',
    'llm_forbidden_by_project: Nothing may be sent.',
  ])('offers nothing that waiting does not mend: %s', async (reason) => {
    expect(await (await world(reason)).rediagnose.run()).toBe(0);
  });

  it('waits for the next day where money had run out', async () => {
    const made = await world('llm_budget_exhausted: The day is used up.');
    made.clock.advance(60 * 60_000);
    expect(await made.rediagnose.run()).toBe(0);
    made.clock.advance(12 * 60 * 60_000);
    expect(await made.rediagnose.run()).toBe(1);
  });

  it('leaves an incident alone that somebody moved on', async () => {
    const made = await world('llm_away: It is left alone.');
    await made.store.incidents.move(made.ids[0]!, 'resolved', 'It passed.');
    expect(await made.rediagnose.run()).toBe(0);
  });
});
