import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTION_KINDS, type Action, type ActionKind } from './action.js';
import { ACTION_MODES, DEFAULT_ACTION_POLICY, isAutomatic, type ActionPolicy } from './action-policy.js';
import { changedLines, decideAction, type ActionFacts } from './decide-action.js';
import { matchesPattern } from './path-pattern.js';

const facts: ActionFacts = {
  runId: 31,
  jobName: 'unit',
  attempt: 1,
  jobId: 311,
  headSha: 'c0ffee',
  branch: 'topic',
  pullRequests: [7],
  fromFork: false,
  ownWork: false,
  confidence: 0.9,
  sound: true,
};

/** What is allowed as freely as can be. */
const open: ActionPolicy = {
  ...DEFAULT_ACTION_POLICY,
  kinds: Object.fromEntries(ACTION_KINDS.map((kind) => [kind, 'automatic'])) as ActionPolicy['kinds'],
  forkKinds: [...ACTION_KINDS],
  protectedPaths: [],
  maxFiles: 1_000,
  maxChangedLines: 10_000,
  maxAttempts: 1_000,
  minConfidence: 0,
};

/** What a failed job of these facts may lead to. */
const own: Readonly<Record<ActionKind, Action>> = {
  rerun_failed_jobs: { kind: 'rerun_failed_jobs', runId: 31, attempt: 1 },
  rerun_job: { kind: 'rerun_job', runId: 31, attempt: 1, jobId: 311, jobName: 'unit' },
  cancel_run: { kind: 'cancel_run', runId: 31, attempt: 1 },
  comment: { kind: 'comment', pullRequest: 7, body: 'x' },
  check_run: { kind: 'check_run', headSha: 'c0ffee', name: 'n', title: 't', summary: 's', annotations: [] },
  issue: { kind: 'issue', title: 't', body: 'b' },
  fix_pull_request: {
    kind: 'fix_pull_request',
    base: 'topic',
    baseSha: 'c0ffee',
    title: 't',
    body: 'b',
    commitMessage: 'm',
    edits: [{ path: 'src/a.ts', search: 'a', replace: 'b' }],
  },
};

function isOwn(action: Action, of: ActionFacts): boolean {
  return (
    (!('runId' in action) || (action.runId === of.runId && action.attempt === of.attempt)) &&
    (action.kind !== 'rerun_job' || action.jobId === of.jobId) &&
    (action.kind !== 'comment' || of.pullRequests.includes(action.pullRequest)) &&
    (action.kind !== 'check_run' || action.headSha === of.headSha) &&
    (action.kind !== 'fix_pull_request' || (action.base === of.branch && action.baseSha === of.headSha))
  );
}

const text = fc.string({ maxLength: 30 });
const path = fc.oneof(
  text,
  fc.constantFrom(
    '.github/workflows/ci.yml',
    '.GITHUB/x.yml',
    'src/a.ts',
    '../up',
    'docs/CODEOWNERS',
    '.git/config',
  ),
);
const edit = fc.record({ path, search: text, replace: text });
const anyAction: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    kind: fc.constant('rerun_failed_jobs' as const),
    runId: fc.nat(40),
    attempt: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    kind: fc.constant('rerun_job' as const),
    runId: fc.nat(40),
    attempt: fc.integer({ min: 1, max: 3 }),
    jobId: fc.constantFrom(311, 312),
    jobName: text,
  }),
  fc.record({
    kind: fc.constant('cancel_run' as const),
    runId: fc.nat(40),
    attempt: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ kind: fc.constant('comment' as const), pullRequest: fc.nat(10), body: text }),
  fc.record({
    kind: fc.constant('check_run' as const),
    headSha: fc.constantFrom('c0ffee', 'beef'),
    name: text,
    title: text,
    summary: text,
    annotations: fc.constant([]),
  }),
  fc.record({ kind: fc.constant('issue' as const), title: text, body: text }),
  fc.record({
    kind: fc.constant('fix_pull_request' as const),
    base: fc.constantFrom('topic', 'main', 'devflowfix/fix-1'),
    baseSha: fc.constantFrom('c0ffee', 'beef'),
    title: text,
    body: text,
    commitMessage: text,
    edits: fc.array(edit, { maxLength: 8 }),
  }),
);
const anyFacts: fc.Arbitrary<ActionFacts> = fc.record({
  runId: fc.constant(31),
  jobName: fc.constant('unit'),
  attempt: fc.integer({ min: 1, max: 4 }),
  jobId: fc.constantFrom(311, null),
  headSha: fc.constantFrom('c0ffee', null),
  branch: fc.constantFrom('topic', 'main', 'devflowfix/fix-1', null),
  pullRequests: fc.array(fc.nat(10), { maxLength: 3 }),
  fromFork: fc.constantFrom(true, false, null),
  ownWork: fc.boolean(),
  confidence: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  sound: fc.boolean(),
});
const anyPolicy: fc.Arbitrary<ActionPolicy> = fc.record({
  kinds: fc.record(
    Object.fromEntries(ACTION_KINDS.map((kind) => [kind, fc.constantFrom(...ACTION_MODES)])),
  ) as unknown as fc.Arbitrary<ActionPolicy['kinds']>,
  forkKinds: fc.subarray([...ACTION_KINDS]),
  branches: fc.subarray(['**', 'topic', 'main']),
  paths: fc.subarray(['**', 'src/**']),
  protectedPaths: fc.subarray(['.github/**', '**/CODEOWNERS']),
  maxFiles: fc.nat(4),
  maxChangedLines: fc.nat(20),
  dailyLimits: fc.constant({ each: 1, all: 1 }),
  maxAttempts: fc.integer({ min: 1, max: 5 }),
  minConfidence: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe('the decision on an action', () => {
  it.each(ACTION_KINDS)('lets %s of the failure itself happen where policy is open', (kind) => {
    expect(decideAction(open, own[kind], facts)).toEqual({ verdict: 'automatic', reasons: [] });
  });

  it('is to ask a person, for everything, where a project says nothing', () => {
    expect(isAutomatic(DEFAULT_ACTION_POLICY)).toBe(false);
    for (const kind of ACTION_KINDS)
      expect(decideAction(DEFAULT_ACTION_POLICY, own[kind], facts).verdict).toBe('approval');
  });

  it('always says why, unless it is automatic', () => {
    fc.assert(
      fc.property(anyPolicy, anyAction, anyFacts, (policy, action, of) => {
        const { verdict, reasons } = decideAction(policy, action, of);
        expect(reasons.length > 0).toBe(verdict !== 'automatic');
      }),
    );
  });

  it('refuses everything for what the product made itself, whatever the policy', () => {
    fc.assert(
      fc.property(anyPolicy, anyAction, anyFacts, (policy, action, of) => {
        expect(decideAction(policy, action, { ...of, ownWork: true }).verdict).toBe('refused');
      }),
    );
  });

  it('lets a fork, or what may be one, lead to nothing that policy does not name, to no fix, and to nothing by itself', () => {
    fc.assert(
      fc.property(
        anyPolicy,
        anyAction,
        anyFacts,
        fc.constantFrom(true, null),
        (policy, action, of, fromFork) => {
          const { verdict } = decideAction(policy, action, { ...of, fromFork });
          expect(verdict).not.toBe('automatic');
          if (!policy.forkKinds.includes(action.kind) || action.kind === 'fix_pull_request')
            expect(verdict).toBe('refused');
        },
      ),
    );
  });

  it('refuses every target that is not the incident’s own', () => {
    fc.assert(
      fc.property(anyAction, anyFacts, (action, of) => {
        const isAllowed = decideAction(open, action, of).verdict !== 'refused';
        expect(isAllowed && !isOwn(action, of)).toBe(false);
      }),
    );
  });

  it('keeps every edit within the policy’s paths, files and lines', () => {
    fc.assert(
      fc.property(anyPolicy, fc.array(edit, { maxLength: 8 }), (policy, edits) => {
        const action: Action = { ...own.fix_pull_request, edits } as Action;
        const kinds = { ...policy.kinds, fix_pull_request: 'automatic' } as const;
        if (decideAction({ ...policy, kinds }, action, facts).verdict === 'refused') return;
        const paths = new Set(edits.map((each) => each.path));
        expect(paths.size).toBeGreaterThan(0);
        expect(paths.size).toBeLessThanOrEqual(policy.maxFiles);
        expect(edits.reduce((sum, each) => sum + changedLines(each), 0)).toBeLessThanOrEqual(
          policy.maxChangedLines,
        );
        for (const each of paths) {
          expect(policy.paths.some((pattern) => matchesPattern(pattern, each))).toBe(true);
          const folded = each.toLowerCase();
          expect(policy.protectedPaths.some((pattern) => matchesPattern(pattern.toLowerCase(), folded))).toBe(
            false,
          );
          expect(each).not.toMatch(/(?:^|\/)\.{0,2}(?:\/|$)/);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(['.github/workflows/ci.yml', '.GitHub/Workflows/ci.yml', 'docs/CODEOWNERS', '.gitmodules'])(
    'protects %s where a project says nothing',
    (protectedPath) => {
      const edits = [{ path: protectedPath, search: 'a', replace: 'b' }];
      const action: Action = { ...own.fix_pull_request, edits } as Action;
      expect(decideAction(DEFAULT_ACTION_POLICY, action, facts).verdict).toBe('refused');
    },
  );

  it('is never freer than the mode of the kind', () => {
    const order = { refused: 0, approval: 1, automatic: 2 };
    const most = { off: 'refused', approval: 'approval', automatic: 'automatic' } as const;
    fc.assert(
      fc.property(anyPolicy, anyAction, anyFacts, (policy, action, of) => {
        const { verdict } = decideAction(policy, action, of);
        expect(order[verdict]).toBeLessThanOrEqual(order[most[policy.kinds[action.kind]]]);
      }),
    );
  });

  it('does not depend on any text that a log or a model wrote', () => {
    fc.assert(
      fc.property(anyPolicy, anyFacts, text, text, (policy, of, one, other) => {
        const wordings: readonly ((words: string) => Action)[] = [
          (words) => ({ kind: 'comment', pullRequest: 7, body: words }),
          (words) => ({ kind: 'issue', title: words, body: words }),
          (words) => ({ ...own.check_run, name: words, title: words, summary: words }) as Action,
          (words) => ({ ...own.fix_pull_request, title: words, body: words, commitMessage: words }) as Action,
        ];
        for (const wording of wordings)
          expect(decideAction(policy, wording(one), of)).toEqual(decideAction(policy, wording(other), of));
      }),
    );
  });

  it('wants a person for a remedy that the diagnosis is not sure of, and for no message', () => {
    const unsure = { ...facts, confidence: 0.5 };
    const policy = { ...open, minConfidence: 0.7 };
    expect(decideAction(policy, own.rerun_failed_jobs, unsure).verdict).toBe('approval');
    expect(decideAction(policy, own.rerun_failed_jobs, { ...facts, sound: false }).verdict).toBe('approval');
    expect(decideAction(policy, own.comment, unsure).verdict).toBe('automatic');
  });

  it('reruns no run that has had its attempts', () => {
    const policy = { ...open, maxAttempts: 3 };
    expect(
      decideAction(policy, { ...own.rerun_failed_jobs, attempt: 2 } as Action, { ...facts, attempt: 2 })
        .verdict,
    ).toBe('automatic');
    expect(
      decideAction(policy, { ...own.rerun_failed_jobs, attempt: 3 } as Action, { ...facts, attempt: 3 })
        .verdict,
    ).toBe('refused');
  });
});

describe('changed lines', () => {
  it.each([
    ['a', 'b', 2],
    ['a\nb\nc', 'a\nx\nc', 2],
    ['a', 'a\nb', 1],
    ['a\nb', 'a', 1],
    ['a\na', 'a\na\na', 1],
    ['a', 'a', 0],
  ])('of %j → %j are %i', (search, replace, lines) => {
    expect(changedLines({ path: 'x', search, replace })).toBe(lines);
  });
});
