import type { LogFormat } from '../reader/format.js';

/** `post` is the provider's own clean-up, whose complaints are not the failure. */
export type StepPhase = 'setup' | 'main' | 'post';

export interface LogStep {
  readonly index: number;
  readonly job: string | null;
  name: string;
  /** First line of what the step ran, when the log shows it. */
  command: string;
  phase: StepPhase;
  readonly startLine: number;
  endLine: number;
  exitCode: number | null;
  /** Lines that the provider marked as errors. */
  errors: number;
  /** The last of them. */
  lastErrorLine: number | null;
  /** True once the provider said that the step's failure doesn't fail the job. */
  forgiven: boolean;
  /** Stopped from outside: another job of the matrix failed, a person or a time limit ended it. */
  cancelled: boolean;
  startedAt: string | null;
  endedAt: string | null;
}

/** Literals that make a line worth showing to the tracker. */
export const STEP_LITERALS: readonly string[] = [
  '##[group]run ',
  '##[endgroup]',
  '##[error]',
  '##[start-action',
  '##[end-action',
  'post job cleanup.',
  'cleaning up orphan processes',
  'process completed with exit code',
  'the operation was canceled',
  'travis_fold:',
  'travis_time:',
  'the command "',
  'done. your build exited',
  '$ ',
  'section_start:',
  'section_end:',
  'running after script',
  'running after_script',
  'uploading artifacts for ',
  'cleaning up project directory',
  '~~~ ',
  '+++ ',
  '--- ',
  '[taskcluster',
  'unsuccessful task run',
  'successful task run',
  'complete job name:',
  'job succeeded',
  'error: job failed',
  'command exited with status',
  'user command error',
];

/** Steps told apart; jobs have dozens. What follows is taken for a part of the last one. */
const MAX_STEPS = 4_000;
/** Characters of a step's name and of its command that are kept. */
const MAX_TITLE_CHARS = 2_000;

/** Formats that may tell a step's name before its first line. */
const NAMES_STEPS: ReadonlySet<LogFormat> = new Set(['gh-run-view', 'gha-archive']);
const POST_STEP = /^(?:Post |Complete job|Stop containers|Complete runner)/;
const SETUP_STEP = /^(?:Set up job|Initialize containers|Set up runner)/;
const EXIT_CODE = /^##\[error\](?:Error: )?Process completed with exit code (-?\d+)/;
const CANCELLED = /^##\[error\]The operation was cancell?ed\b/;
const TRAVIS_EXIT = /^The command "(.{0,400})" (?:failed and )?exited with (-?\d+)/;
const TRAVIS_DONE = /Done\. Your build exited with (\d+)/;
const TASK_EXIT = /^(?:\[taskcluster[^\]]{0,40}\] ?)?(Uns|S)uccessful task run with exit code: (-?\d+)/;
/** What GitLab does once the script has ended: its sections, and their headers, which are drawn over the section's name. */
const GITLAB_POST =
  /^(?:section_start:\d+:(?:after_script|upload_artifacts|archive_cache|cleanup)|Running after[ _]script|Uploading artifacts for |Cleaning up project directory)/;
/** Marked lines that no tool meant as an error: notices that came over stderr. */
const HARMLESS_MARK = /^##\[error\]\s{0,4}(?:\[notice\]|\[?warn(?:ing)?\b|WARNING:|DeprecationWarning|$)/i;

/** Follows the steps of a job through its log. Formats without steps have one. */
export class StepTracker {
  readonly steps: LogStep[] = [];
  /** What the log says of the whole job; null while it says nothing. */
  outcome: 'failed' | 'succeeded' | null = null;
  /** True once the provider's last lines were seen: the log is complete. */
  complete = false;
  /** Between a step's title and its first output stands its script: nothing there happened. */
  echo = false;
  private current: LogStep;
  private lastColumns = '';
  private readonly actions: { step: LogStep; errorsBefore: number }[] = [];

  constructor(private readonly format: LogFormat) {
    this.current = this.open('', 1, null, null);
  }

  get step(): LogStep {
    return this.current;
  }

  /** `gh run view` names job and step on every line, an archive in the names of its files. */
  columns(job: string, step: string, line: number, time: string | null): void {
    const columns = `${job}\t${step}`;
    if (columns === this.lastColumns) return;
    this.lastColumns = columns;
    this.current = this.open(step === 'UNKNOWN STEP' ? '' : step, line, time, job);
  }

  /** A line that holds one of `STEP_LITERALS`. */
  line(text: string, line: number, time: string | null): void {
    if (this.format === 'travis') return this.travisLine(text, line);
    if (this.format === 'taskcluster') return this.taskLine(text, line);
    if (this.format === 'gitlab') return this.gitlabLine(text, line);
    if (this.format === 'buildkite') return this.buildkiteLine(text, line);
    this.actionsLine(text, line, time);
  }

  /** The log ends here. */
  end(line: number): void {
    this.current.endLine = line;
  }

  private open(name: string, line: number, time: string | null, job: string | null): LogStep {
    this.echo = false;
    if (this.steps.length >= MAX_STEPS) return this.current;
    const phase: StepPhase = POST_STEP.test(name) ? 'post' : SETUP_STEP.test(name) ? 'setup' : 'main';
    const step: LogStep = {
      index: this.steps.length,
      job,
      name: name.slice(0, MAX_TITLE_CHARS),
      command: '',
      phase,
      startLine: line,
      endLine: line,
      exitCode: null,
      errors: 0,
      lastErrorLine: null,
      forgiven: false,
      cancelled: false,
      startedAt: time,
      endedAt: time,
    };
    const previous = this.steps.at(-1);
    if (previous) {
      previous.endLine = line - 1;
      previous.endedAt = time;
    }
    this.steps.push(step);
    return step;
  }

  private actionsLine(text: string, line: number, time: string | null): void {
    if (text.startsWith('##[group]Run ')) {
      const command = text.slice('##[group]Run '.length);
      const named = NAMES_STEPS.has(this.format) && this.current.name !== '';
      if (!named || this.current.command !== '') {
        const name = named ? this.current.name : '';
        this.current = this.open(name, line, time, this.current.job);
      }
      this.current.command = command.slice(0, MAX_TITLE_CHARS);
      this.echo = true;
    } else if (text.startsWith('##[endgroup]')) {
      this.echo = false;
    } else if (text.startsWith('##[error]')) {
      this.errorLine(text, line);
    } else if (text.startsWith('Post job cleanup.')) {
      this.current = this.open('Post job cleanup', line, time, this.current.job);
      this.current.phase = 'post';
    } else if (text.startsWith('Cleaning up orphan processes')) {
      this.complete = true;
      this.current = this.open('Complete job', line, time, this.current.job);
    } else if (text.startsWith('##[start-action')) {
      if (this.actions.length < MAX_STEPS)
        this.actions.push({ step: this.current, errorsBefore: this.current.errors });
    } else if (text.startsWith('##[end-action')) {
      this.endAction(text);
    }
  }

  private errorLine(text: string, line: number): void {
    this.echo = false;
    if (HARMLESS_MARK.test(text)) return;
    this.countError(line);
    if (CANCELLED.test(text)) this.current.cancelled = true;
    const exit = EXIT_CODE.exec(text);
    if (exit) this.current.exitCode = Number(exit[1]);
  }

  private countError(line: number, step = this.current): void {
    step.errors += 1;
    step.lastErrorLine = line;
  }

  /** Composite actions report what became of each part: a failure whose conclusion is success was let pass. */
  private endAction(text: string): void {
    const opened = this.actions.pop();
    if (!text.includes('outcome=failure') || !text.includes('conclusion=success')) return;
    const step = opened?.step ?? this.current;
    for (const inside of this.steps.slice(step.index)) inside.forgiven = true;
  }

  private travisLine(text: string, line: number): void {
    const done = TRAVIS_DONE.exec(text);
    if (done) {
      this.outcome = done[1] === '0' ? 'succeeded' : 'failed';
      this.complete = true;
      return;
    }
    const exit = TRAVIS_EXIT.exec(text);
    if (exit) {
      const code = Number(exit[2]);
      this.current.exitCode = code;
      if (code !== 0) this.countError(line);
      return;
    }
    if (text.startsWith('$ ')) {
      this.current = this.open(text.slice(2, 200), line, null, null);
      this.current.command = text.slice(2, MAX_TITLE_CHARS);
    }
  }

  private taskLine(text: string, line: number): void {
    const exit = TASK_EXIT.exec(text);
    if (exit) {
      this.outcome = exit[1] === 'S' ? 'succeeded' : 'failed';
      this.current.exitCode = Number(exit[2]);
      this.complete = true;
    } else if (text.startsWith('[taskcluster:error]')) {
      this.outcome = 'failed';
      this.countError(line);
    }
  }

  private gitlabLine(text: string, line: number): void {
    const start = /section_start:\d+:([\w.-]{1,100})/.exec(text);
    if (GITLAB_POST.test(text)) {
      this.current = this.open(start?.[1] ?? text.slice(0, 100), line, null, null);
      this.current.phase = 'post';
    } else if (start) {
      this.current = this.open(start[1] ?? '', line, null, null);
    } else if (text.startsWith('$ ')) {
      const { phase } = this.current;
      this.current = this.open('', line, null, null);
      this.current.command = text.slice(2, MAX_TITLE_CHARS);
      this.current.phase = phase;
    }
    if (/^Job succeeded/.test(text)) this.outcome = 'succeeded';
    const failed = /^ERROR: Job failed(?:: exit (?:code|status) (\d+))?/.exec(text);
    if (failed) {
      this.outcome = 'failed';
      // said after the clean-up, of the script: it stops at the first command that fails
      const step = this.steps.findLast(({ phase }) => phase !== 'post') ?? this.current;
      this.countError(line, step);
      step.exitCode = failed[1] === undefined ? null : Number(failed[1]);
    }
  }

  private buildkiteLine(text: string, line: number): void {
    const header = /^(?:~~~|---|\+\+\+) (.{1,200})/.exec(text);
    if (header) this.current = this.open(header[1] ?? '', line, null, null);
    const exit = /command exited with status (\d+)/.exec(text);
    if (exit) {
      this.current.exitCode = Number(exit[1]);
      this.outcome = exit[1] === '0' ? 'succeeded' : 'failed';
      if (exit[1] !== '0') this.countError(line);
    }
  }
}

/** What the step is called where people read it. */
export function stepTitle(step: LogStep): string {
  return step.name !== '' ? step.name : step.command.split('\n', 1)[0]!.trim();
}

/** Lines that may follow the mark of the error that ended a step: a stack, a hint. */
const MAX_LINES_BELOW_ERROR = 15;

/** Whether the step ended in an error, rather than having one in its midst. */
export function endedInError(step: LogStep): boolean {
  if (step.exitCode !== null) return step.exitCode !== 0;
  return step.lastErrorLine !== null && step.endLine - step.lastErrorLine <= MAX_LINES_BELOW_ERROR;
}

/** Whether a step is the one that the provider gives this name. */
export function titleMatches(step: LogStep, named: string): boolean {
  const title = stepTitle(step).toLowerCase();
  const wanted = named.toLowerCase();
  return title !== '' && (title === wanted || wanted.replace(/^run /, '') === title);
}
