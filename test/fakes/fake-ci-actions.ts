import {
  ExternalFailure,
  fixBranch,
  type Action,
  type ActionEffect,
  type ActionKind,
  type ActionOrder,
  type ActionPreview,
  type CiActions,
  type CodeEdit,
  type PerformOptions,
} from '@app/domain';

type Of<K extends ActionKind> = ActionOrder & { readonly action: Extract<Action, { kind: K }> };

interface FakeRun {
  attempt: number;
  isActive: boolean;
  /** Jobs that ran in the latest attempt. */
  ran: readonly string[];
}

interface FakeBranch {
  sha: string;
  files: Record<string, string>;
  /** Of the action whose commit is at its head; null: somebody else's. */
  marker: string | null;
}

/** What performing an order would write: nothing for an effect that is there. */
interface Plan {
  readonly found: ActionEffect | null;
  readonly note?: string;
  readonly apply: () => ActionEffect;
}

/** GitHub's writing side in memory; passes the suite of test/contracts. */
export class FakeCiActions implements CiActions {
  readonly runs = new Map<number, FakeRun>();
  readonly comments: { id: number; pullRequest: number; marker: string; body: string }[] = [];
  readonly issues: { number: number; marker: string; title: string; body: string }[] = [];
  readonly checks: { id: number; marker: string; annotations: number }[] = [];
  readonly branches = new Map<string, FakeBranch>();
  readonly pulls: { number: number; head: string; base: string; draft: boolean }[] = [];
  /** How often something was written, by kind. */
  readonly writes = new Map<ActionKind, number>();
  /** Awaited after each write, before it is answered. */
  afterWrite: (order: ActionOrder) => void | Promise<void> = () => undefined;
  private readonly failures: { kind: ActionKind; error: Error; isAfter: boolean }[] = [];
  private lastId = 100;

  /** The next perform of the kind throws; with `isAfter` it takes effect first. */
  fail(kind: ActionKind, error: Error, isAfter = false): void {
    this.failures.push({ kind, error, isAfter });
  }

  async preview(order: ActionOrder): Promise<ActionPreview> {
    const { found, note } = this.plan(order);
    if (found) return { wouldAct: false, calls: [], diff: null, note: note ?? 'It is there already.' };
    const { action } = order;
    const call = { method: 'POST', path: `/${action.kind}`, body: { ...action } } as const;
    const diff = action.kind === 'fix_pull_request' ? action.edits.map(toDiff).join('') : null;
    return { wouldAct: true, calls: [call], diff, note: note ?? null };
  }

  async perform(order: ActionOrder, options: PerformOptions = {}): Promise<ActionEffect> {
    const { kind } = order.action;
    const { found, apply } = this.plan(order);
    if (found) return found;
    if (kind !== 'comment') this.assertEnded(order);
    await options.beforeWrite?.();
    const at = this.failures.findIndex((failure) => failure.kind === kind);
    const failure = at < 0 ? undefined : this.failures.splice(at, 1)[0];
    if (failure && !failure.isAfter) throw failure.error;
    const effect = apply();
    this.writes.set(kind, (this.writes.get(kind) ?? 0) + 1);
    await this.afterWrite(order);
    if (failure) throw failure.error;
    return effect;
  }

  private plan(order: ActionOrder): Plan {
    switch (order.action.kind) {
      case 'rerun_failed_jobs':
      case 'rerun_job':
        return this.rerun(order as Of<'rerun_failed_jobs'>);
      case 'cancel_run':
        return this.cancel(order as Of<'cancel_run'>);
      case 'comment':
        return this.comment(order as Of<'comment'>);
      case 'issue':
        return this.issue(order as Of<'issue'>);
      case 'check_run':
        return this.check(order as Of<'check_run'>);
      case 'fix_pull_request':
        return this.fix(order as Of<'fix_pull_request'>);
    }
  }

  private rerun({ action }: Of<'rerun_failed_jobs'> | Of<'rerun_job'>): Plan {
    const run = this.run(action.runId);
    const effect = (changed: boolean) => ({
      remoteId: `${action.runId}:${action.attempt + 1}`,
      url: null,
      changed,
    });
    if (run.attempt > action.attempt) {
      if (action.kind === 'rerun_job' && !run.ran.includes(action.jobName))
        throw conflict(`The run is in attempt ${run.attempt}, in which ${action.jobName} did not run.`);
      return { found: effect(false), apply: () => effect(false) };
    }
    return {
      found: null,
      apply: () => {
        const ran = action.kind === 'rerun_job' ? [action.jobName] : run.ran;
        Object.assign(run, { attempt: run.attempt + 1, isActive: true, ran });
        return effect(true);
      },
    };
  }

  private cancel({ action }: Of<'cancel_run'>): Plan {
    const run = this.run(action.runId);
    if (run.attempt > action.attempt) throw conflict(`The run is in attempt ${run.attempt}.`);
    const effect = (changed: boolean) => ({
      remoteId: `${action.runId}:${action.attempt}`,
      url: null,
      changed,
    });
    const apply = () => {
      run.isActive = false;
      return effect(true);
    };
    return { found: run.isActive ? null : effect(false), apply };
  }

  private comment({ action, marker, remoteId }: Of<'comment'>): Plan {
    const { pullRequest, body } = action;
    const known = this.comments.find((each) =>
      remoteId === null ? each.marker === marker : String(each.id) === remoteId,
    );
    if (remoteId !== null && !known) throw conflict('The comment was deleted by somebody.');
    return {
      found: known?.body === body ? effect(known.id, false) : null,
      apply: () => {
        if (known) {
          known.body = body;
          return effect(known.id, true);
        }
        this.comments.push({ id: ++this.lastId, pullRequest, marker, body });
        return effect(this.lastId, true);
      },
    };
  }

  private issue({ action, marker }: Of<'issue'>): Plan {
    const known = this.issues.find((each) => each.marker === marker);
    return {
      found: known ? effect(known.number, false) : null,
      apply: () => {
        const { title, body } = action;
        this.issues.push({ number: ++this.lastId, marker, title, body });
        return effect(this.lastId, true);
      },
    };
  }

  private check({ action, marker }: Of<'check_run'>): Plan {
    const known = this.checks.find((each) => each.marker === marker);
    return {
      found: known ? effect(known.id, false) : null,
      apply: () => {
        this.checks.push({ id: ++this.lastId, marker, annotations: action.annotations.length });
        return effect(this.lastId, true);
      },
    };
  }

  private fix({ action, marker }: Of<'fix_pull_request'>): Plan {
    const head = fixBranch(marker);
    const known = this.pulls.find((pull) => pull.head === head);
    if (known) return { found: effect(known.number, false), apply: () => effect(known.number, false) };
    const own = this.branches.get(head);
    if (own && own.marker !== marker) throw conflict(`Somebody committed to ${head}.`);
    const base = this.branches.get(action.base);
    if (!base) throw conflict(`The branch ${action.base} is gone.`);
    const files = own?.files ?? edited(base.files, action.edits);
    return {
      found: null,
      note: base.sha === action.baseSha ? undefined : 'The base has moved.',
      apply: () => {
        this.branches.set(head, { sha: `${base.sha}+${marker}`, files, marker });
        this.pulls.push({ number: ++this.lastId, head, base: action.base, draft: true });
        return effect(this.lastId, true);
      },
    };
  }

  private run(id: number): FakeRun {
    const run = this.runs.get(id);
    if (run) return run;
    throw new ExternalFailure(`No run ${id}.`, { code: 'github_not_found', retryable: false });
  }

  private assertEnded({ action }: ActionOrder): void {
    if (action.kind !== 'rerun_failed_jobs' && action.kind !== 'rerun_job') return;
    if (this.run(action.runId).isActive)
      throw new ExternalFailure('The run still goes on.', { code: 'github_run_active', retryable: true });
  }
}

function effect(id: number, changed: boolean): ActionEffect {
  return { remoteId: String(id), url: null, changed };
}

function conflict(message: string): ExternalFailure {
  return new ExternalFailure(message, { code: 'action_conflict', retryable: false });
}

function edited(files: Readonly<Record<string, string>>, edits: readonly CodeEdit[]): Record<string, string> {
  const result = { ...files };
  for (const { path, search, replace } of edits) {
    const parts = result[path]?.split(search) ?? [];
    if (parts.length !== 2)
      throw new ExternalFailure(`The edit of ${path} matches ${Math.max(0, parts.length - 1)} places.`, {
        code: 'edits_do_not_fit',
        retryable: false,
      });
    result[path] = parts.join(replace);
  }
  return result;
}

function toDiff({ path, search, replace }: CodeEdit): string {
  return `--- a/${path}\n+++ b/${path}\n-${search}\n+${replace}\n`;
}
