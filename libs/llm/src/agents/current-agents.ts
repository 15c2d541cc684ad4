import type { AgentId, AgentState, AgentStates } from '@app/domain';

/** A change is followed by every process within this time, whatever becomes of caches and announcements. */
const VALID_MS = 2_000;

/** What was decided about the roles, asked of the database at most once in two seconds. */
export class CurrentAgents {
  private held: { readonly states: readonly AgentState[]; readonly until: number } | null = null;
  private asking: Promise<readonly AgentState[]> | null = null;

  constructor(
    private readonly states: AgentStates,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** In the order of the roles. @throws ExternalFailure `database_away` */
  async all(): Promise<readonly AgentState[]> {
    if (this.held !== null && this.now() < this.held.until) return this.held.states;
    this.asking ??= this.ask();
    return this.asking;
  }

  async of(id: AgentId): Promise<AgentState> {
    const states = await this.all();
    return states.find((state) => state.id === id)!;
  }

  private async ask(): Promise<readonly AgentState[]> {
    try {
      const until = this.now() + VALID_MS;
      const states = await this.states.all();
      this.held = { states, until };
      return states;
    } finally {
      this.asking = null;
    }
  }
}
