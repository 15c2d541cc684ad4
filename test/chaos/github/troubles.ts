import type { GithubStandIn, StandInEffect, StandInRoute } from '@app/github';
import type { ChaosProduct } from '../chaos-product.js';

/** Between one limit and the next. */
const LIMIT_EVERY_MS = 15_000;
const FIRST_LIMIT_MS = 4_000;

/** Fails a share of all calls of the API, writes too, half of those after they took effect; and limits now and then. */
export class ApiTroubles {
  limits = { primary: 0, secondary: 0 };
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly github: GithubStandIn,
    private readonly random: () => number,
  ) {}

  start(share: number): void {
    this.github.faults.failShare(
      share,
      [{ kind: 'status', status: 502 }, { kind: 'cut' }, { kind: 'lost_answer' }],
      this.random,
    );
    this.plan(FIRST_LIMIT_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.github.faults.failShare(0);
  }

  private plan(inMs: number): void {
    this.timer = setTimeout(() => {
      // Some are waited for by the client, others are too long for that and come back through the queue.
      const forMs = 2_500 + Math.floor(this.random() * 5_000);
      if (this.limits.primary <= this.limits.secondary) {
        this.github.quota.restrict(Math.floor(this.random() * 10), forMs);
        this.limits.primary++;
      } else {
        this.github.quota.pause(forMs);
        this.limits.secondary++;
      }
      this.plan(LIMIT_EVERY_MS);
    }, inMs);
  }
}

/** Where a kill falls between an action's success at GitHub and its record. */
const CRITICAL: readonly { readonly route: StandInRoute; readonly effect: StandInEffect['kind'] }[] = [
  { route: 'rerun', effect: 'run_rerun' },
  { route: 'create_pull', effect: 'pull_created' },
  { route: 'create_comment', effect: 'comment_created' },
  { route: 'create_check', effect: 'check_created' },
  { route: 'create_issue', effect: 'issue_created' },
];
/** An action of the kind has come by then, or there is none left. */
const CRITICAL_LIMIT_MS = 120_000;

/** Kills the product, at any moment or right after an action took effect and before its answer is there, and starts it. */
export class Kills {
  hits = 0;
  /** What had just been done when it was killed. */
  readonly critical: string[] = [];
  private placed = 0;

  constructor(
    private readonly product: ChaosProduct,
    private readonly github: GithubStandIn,
    private readonly total: number,
  ) {}

  /** The first of several is at any moment, as every third is; the others are placed. */
  async next(): Promise<void> {
    const index = this.placed++;
    const isCritical = this.total === 1 || index % 3 !== 0;
    if (isCritical) await this.untilCritical(CRITICAL[this.critical.length % CRITICAL.length]!);
    if (await this.product.killAtOnce()) this.hits++;
    this.github.quota.forgetTold();
    this.product.spawn();
    await this.product.ready();
  }

  private async untilCritical({ route, effect }: (typeof CRITICAL)[number]): Promise<void> {
    const taken = this.github.state.writes.nextEffect(effect);
    this.github.fail(route, { kind: 'withheld_answer' });
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), CRITICAL_LIMIT_MS);
    });
    if (await Promise.race([taken.then(() => true), tooLong])) this.critical.push(effect);
    clearTimeout(timer);
  }

  /** What of the plan did not come about. */
  problems(): string[] {
    const wanted =
      this.total === 1
        ? 1
        : Array.from({ length: this.total }, (_, i) => i).filter((i) => i % 3 !== 0).length;
    return [
      ...(this.hits === this.total ? [] : [`${this.hits} of ${this.total} kills hit a running process`]),
      ...(this.critical.length === wanted || this.total === 0
        ? []
        : [`${this.critical.length} of ${wanted} kills fell between an action's success and its record`]),
    ];
  }
}
