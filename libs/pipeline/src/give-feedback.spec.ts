import { ExternalFailure, type RootCauseVerdict, type SolutionVerdict } from '@app/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correctionFrom } from '@app/domain';
import { FakeLanguageModel } from '../../../test/fakes/fake-language-model.js';
import { pipelineWorld, typescriptLog } from '../../../test/support/pipeline-world.js';
import { NO_CAUSE_LEFT } from './heed-correction.js';
import { describeFix } from './recall-learned.js';

const wrong = {
  rootCause: 'wrong' as RootCauseVerdict,
  solution: 'not_tried' as SolutionVerdict,
  actualCause: null as string | null,
  note: null,
  by: 'ops',
};

function causeWorld(primaryCause = 'The type of total is wrong.') {
  const model = new FakeLanguageModel();
  model.answers.rootCause = { primaryCause };
  model.answers.classification = { keyLines: [{ evidenceId: 'E1', quote: 'TS2322' }] };
  const world = pipelineWorld(model);
  const shown = async (id: string) => (await world.store.diagnoses.ofIncident(id))!;
  const diagnosed = async (runId: number) => {
    const id = await world.failJob(runId, typescriptLog(10 + runId));
    await world.run(id);
    return id;
  };
  return { ...world, model, shown, diagnosed };
}

describe('a verdict that calls a cause wrong', () => {
  it('makes the person’s cause the answer, for this incident and the next, without asking for one again', async () => {
    const world = causeWorld();
    const id = await world.diagnosed(1);
    const given = await world.giveFeedback.run(id, { ...wrong, actualCause: 'The lock file was stale.' });
    expect(given.diagnosedAnew).toBe(true);
    expect(await world.store.incidents.get(id)).toMatchObject({ status: 'received' });

    await world.run(id);
    expect((await world.shown(id)).diagnosis.rootCause).toMatchObject({
      primaryCause: 'The lock file was stale.',
      statedBy: 'person',
      citations: [expect.objectContaining({ evidenceId: 'E1' })],
    });
    expect(world.model.count('analyzeRootCause')).toBe(1);

    const calls = world.model.count();
    const next = await world.diagnosed(2);
    expect(await world.shown(next)).toMatchObject({
      reused: true,
      diagnosis: { rootCause: { primaryCause: 'The lock file was stale.' } },
    });
    expect(world.model.count()).toBe(calls);
    expect(world.store.store.incidents.get(next)!.outcomeWeight).toBeGreaterThan(0);
  });

  it('asks anew past the caches when nobody knows the cause, and takes another answer', async () => {
    const world = causeWorld();
    const id = await world.diagnosed(1);
    await world.giveFeedback.run(id, wrong);
    world.model.answers.rootCause = { primaryCause: 'A dependency changed its types.' };
    const before = world.model.calls.length;
    await world.run(id);
    expect((await world.shown(id)).diagnosis.rootCause.primaryCause).toBe('A dependency changed its types.');
    const later = world.model.calls.slice(before);
    expect(later.every(({ options }) => options?.fresh)).toBe(true);
    expect(later[0]!.subject).toMatchObject({
      similar: [
        expect.objectContaining({ rootCause: expect.stringContaining('The type of total is wrong.') }),
      ],
    });
  });

  it('is heard by an analyst that has no other answer: the wrong one is not given again', async () => {
    const world = causeWorld('Type 17 of src/basket.ts is wrong.');
    const id = await world.diagnosed(1);
    await world.giveFeedback.run(id, wrong);
    // The same but for what varies from log to log.
    world.model.answers.rootCause = { primaryCause: 'Type 99 of  src/basket.ts is WRONG.' };
    await world.run(id);
    const next = await world.diagnosed(2);
    for (const each of [id, next]) {
      expect((await world.shown(each)).diagnosis).toMatchObject({
        state: 'insufficient_evidence',
        rootCause: { primaryCause: NO_CAUSE_LEFT },
      });
    }
    // And is paid for once.
    expect(world.model.count('analyzeRootCause')).toBe(2);
  });

  it('given while the answer is made has it made again', async () => {
    const world = causeWorld();
    const first = await world.diagnosed(1);
    await world.giveFeedback.run(first, wrong);
    world.model.answers.rootCause = { primaryCause: 'Something else.' };
    world.model.beforeAnswer = async (operation) => {
      if (operation !== 'validateRemediation') return;
      world.model.beforeAnswer = () => undefined;
      const [feedback] = await world.store.feedback.ofIncident(first);
      await world.store.feedback.record({
        ...feedback!,
        id: '00000000-0000-4000-8000-000000000001',
        actualCause: 'The disk was full.',
      });
    };
    await expect(world.run(first)).rejects.toThrow(ExternalFailure);
    await world.run(first);
    expect((await world.shown(first)).diagnosis.rootCause.primaryCause).toBe('The disk was full.');
  });

  it('leaves an incident that is past its diagnosis where it is', async () => {
    const world = causeWorld();
    const id = await world.diagnosed(1);
    await world.store.incidents.move(id, 'resolved', 'Mended by hand.');
    expect((await world.giveFeedback.run(id, wrong)).diagnosedAnew).toBe(false);
    expect(await world.store.incidents.get(id)).toMatchObject({ status: 'resolved' });
    expect(world.store.store.incidents.get(id)!.outcomeWeight).toBe(-1);
  });

  it('keeps no secret that a person pastes', async () => {
    const world = causeWorld();
    const id = await world.diagnosed(1);
    const token = `ghp_${'a1B2'.repeat(9)}`;
    const { feedback } = await world.giveFeedback.run(id, {
      ...wrong,
      actualCause: `The token ${token} ended.`,
    });
    expect(feedback.actualCause).not.toContain(token);
  });
});

describe('another verdict', () => {
  it('that a solution did not help has another looked for', async () => {
    const world = causeWorld();
    world.model.answers.solution = { summary: 'Run it again.' };
    const id = await world.diagnosed(1);
    await world.giveFeedback.run(id, { ...wrong, rootCause: 'correct', solution: 'did_not_work' });
    await world.run(id);
    expect((await world.shown(id)).diagnosis.solution).toMatchObject({
      summary: expect.stringMatching(/^Not known/),
      commands: [],
    });
  });

  it('that agrees changes nothing but how the incident ranks', async () => {
    const world = causeWorld();
    const id = await world.diagnosed(1);
    const verdict = { ...wrong, rootCause: 'correct' as const, solution: 'worked' as const };
    expect((await world.giveFeedback.run(id, verdict)).diagnosedAnew).toBe(false);
    expect(world.store.store.incidents.get(id)!.outcomeWeight).toBeCloseTo(0.3);
    const calls = world.model.count();
    await world.diagnosed(2);
    expect(world.model.count()).toBe(calls);
  });

  it('is refused where nothing is shown to judge', async () => {
    const world = causeWorld();
    const id = await world.failJob(1, typescriptLog());
    await expect(world.giveFeedback.run(id, wrong)).rejects.toMatchObject({ code: 'invalid_input' });
  });
});

describe('a muted pattern', () => {
  it('is counted, shows what is known, and asks nobody', async () => {
    const world = causeWorld();
    const first = await world.store.incidents.get(await world.diagnosed(1));
    await world.store.patternCatalog.setMuted(first.patternId!, { muted: true, reason: null, by: 'ops' });
    const calls = world.model.count();
    const id = await world.diagnosed(2);
    expect(await world.store.incidents.get(id)).toMatchObject({ status: 'ignored' });
    expect((await world.shown(id)).reused).toBe(true);
    const pattern = { id: first.patternId!, projectId: first.projectId, fingerprint: first.fingerprint! };
    await world.store.patterns.invalidateDiagnosis(pattern);
    const unknown = await world.diagnosed(3);
    expect(await world.store.incidents.get(unknown)).toMatchObject({ status: 'ignored', diagnosisId: null });
    expect(await world.store.patterns.find(first.projectId, first.fingerprint!)).toMatchObject({
      occurrences: 3,
    });
    expect(world.model.count()).toBe(calls);
  });
});

describe('what verdicts add up to', () => {
  const causes = fc.constantFrom('a', 'b', 'c');
  const verdict = fc.record({
    rootCause: fc.constantFrom<RootCauseVerdict>('correct', 'partly_correct', 'wrong'),
    solution: fc.constantFrom<SolutionVerdict>('worked', 'did_not_work', 'not_tried'),
    judgedCause: causes,
    judgedSolution: fc.constantFrom('x', 'y'),
    actualCause: fc.option(causes),
  });

  it('never holds a cause for right and wrong at once, and the last word on a cause counts', () => {
    fc.assert(
      fc.property(fc.array(verdict, { minLength: 1, maxLength: 8 }), (verdicts) => {
        const correction = correctionFrom(verdicts);
        const last = verdicts.at(-1)!;
        const wrongCauses = correction?.wrongCauses ?? [];
        expect(wrongCauses).not.toContain(correction?.actualCause);
        if (last.rootCause !== 'wrong') expect(wrongCauses).not.toContain(last.judgedCause);
        else if (last.actualCause !== last.judgedCause) expect(wrongCauses).toContain(last.judgedCause);
        if (last.actualCause !== null) expect(correction?.actualCause).toBe(last.actualCause);
      }),
    );
  });
});

const commit = (sha: string, message: string) => ({ sha, message, author: null, url: null });

describe('a likely fix in words', () => {
  it('names the last commits and what they changed', () => {
    const fix = {
      incidentId: null,
      redSha: 'r',
      greenSha: 'g',
      commits: [commit('1111111aaaa', 'Pin the runner\n\nLong story.')],
      totalCommits: 3,
      files: ['.github/workflows/ci.yml'],
      url: null,
      foundAt: new Date(),
    };
    expect(describeFix(fix)).toBe(
      'It passed after 1111111 “Pin the runner” and 2 more commits, which changed .github/workflows/ci.yml.',
    );
  });
});
