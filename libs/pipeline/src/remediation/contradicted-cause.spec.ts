import type { Action, Actor } from '@app/domain';
import { RuleAnalyst } from '@app/llm';
import { describe, expect, it } from 'vitest';
import { remediationWorld } from '../../../../test/support/remediation-world.js';

const mona: Actor = { kind: 'person', name: 'mona' };
const ACTUAL = 'The runner image lacks the compiler.';
/** What the rules make of the log: a type that does not fit. */
const OF_RULES = /TS2322|not assignable|src\/basket\.ts/;
const PUBLISHED = ['issue', 'check_run', 'comment'] as const;

const wrong = {
  rootCause: 'wrong',
  solution: 'not_tried',
  actualCause: ACTUAL,
  note: null,
  by: 'mona',
} as const;

/** All that GitHub would be told, by kind. */
function told(actions: readonly Action[]): Partial<Record<Action['kind'], string>> {
  return Object.fromEntries(actions.map((action) => [action.kind, JSON.stringify(action)]));
}

const worldOfRules = async () => {
  const world = remediationWorld(new RuleAnalyst());
  const id = await world.failed();
  const planned = async (incidentId = id, kinds: readonly Action['kind'][] = PUBLISHED) => {
    const { steps } = await world.plan.run(incidentId, kinds, mona);
    return told(steps.map(({ action }) => action));
  };
  return { ...world, id, planned };
};

describe('what is told of a failure whose cause a person called wrong', () => {
  it('is the rules’ cause, with its lines, before anybody said so', async () => {
    const { planned } = await worldOfRules();
    const before = await planned();
    expect(Object.keys(before)).toEqual(expect.arrayContaining([...PUBLISHED]));
    for (const kind of PUBLISHED) expect(before[kind]).toMatch(OF_RULES);
  });

  it('is the person’s cause alone: no evidence, annotation or fix of the wrong one', async () => {
    const { giveFeedback, work, planned, id } = await worldOfRules();
    await giveFeedback.run(id, wrong);
    await work();
    const after = await planned();
    // Nothing is left to annotate.
    expect(Object.keys(after).toSorted()).toEqual(['comment', 'issue']);
    for (const text of Object.values(after)) {
      expect(text).toContain(ACTUAL);
      expect(text).not.toMatch(OF_RULES);
    }
    expect(after.issue).toContain(`"title":"CI: ${ACTUAL}"`);
    expect(after.issue).toContain('told by a person');
  });

  it('is the person’s cause for the next failure of the same kind, too', async () => {
    const { giveFeedback, work, planned, failed, id } = await worldOfRules();
    await giveFeedback.run(id, wrong);
    await work();
    const next = await failed({ id: 32 });
    const { issue } = await planned(next, ['issue']);
    expect(issue).toContain(ACTUAL);
    expect(issue).not.toMatch(OF_RULES);
  });

  it('is that nothing is known, where the rules have no other cause', async () => {
    const { giveFeedback, work, planned, id } = await worldOfRules();
    await giveFeedback.run(id, { ...wrong, actualCause: null });
    await work();
    const after = await planned();
    expect(Object.keys(after).toSorted()).toEqual(['comment', 'issue']);
    for (const text of Object.values(after)) {
      expect(text).toContain('Not known');
      expect(text).not.toMatch(OF_RULES);
    }
  });

  it('is no line of the wrong one while it is diagnosed anew', async () => {
    const { giveFeedback, plan, store, planned, id } = await worldOfRules();
    await store.incidents.move(id, 'escalated', 'Nobody knows.');
    await giveFeedback.run(id, wrong);
    const steps = await plan.preview(id, PUBLISHED);
    expect(steps.map(({ step }) => step.action.kind)).not.toContain('check_run');
    for (const text of Object.values(await planned())) expect(text).not.toMatch(OF_RULES);
  });

  it('stays the rules’ sentence about the log at hand where a diagnosis is used again', async () => {
    const { planned, failed, store } = await worldOfRules();
    const next = await failed({ id: 32 });
    expect(await store.diagnoses.ofIncident(next)).toMatchObject({ reused: true });
    const { report } = (await store.logs.find(next, 1))!;
    expect((await planned(next, ['issue'])).issue).toContain(report.verdict.rootCause.slice(0, 40));
  });
});
