import { AGENT_IDS, type AgentId, type AgentState, type AgentStates } from '@app/domain';
import { copy, type MemoryStore } from './store.js';

export class InMemoryAgentStates implements AgentStates {
  constructor(private readonly store: MemoryStore) {}

  async all(): Promise<readonly AgentState[]> {
    return AGENT_IDS.map((id) => copy(this.of(id)));
  }

  async change(
    id: AgentId,
    change: { readonly active?: boolean; readonly promptVersion?: string },
  ): Promise<AgentState> {
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    const state = { ...this.of(id), ...Object.fromEntries(given), updatedAt: this.store.clock.now() };
    this.store.agentStates.set(id, state);
    return copy(state);
  }

  private of(id: AgentId): AgentState {
    return this.store.agentStates.get(id) ?? { id, active: true, promptVersion: null, updatedAt: null };
  }
}
