import {
  AGENT_IDS,
  AgentNotFound,
  InvalidInput,
  type AgentId,
  type AgentState,
  type AgentStates,
  type Cache,
  type CacheKey,
  type EventBus,
  type Log,
} from '@app/domain';
import type { LlmConfig } from '@app/config';
import { promptOf, promptVersions } from '../prompts/index.js';
import { RULES_NAME } from '../rules/rule-analyst.js';
import { AGENT_ROLES, roleOf } from './agent-roles.js';

/** A role with who plays it. */
export interface Agent {
  readonly id: AgentId;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly provider: string;
  readonly model: string;
  /** The version of the prompt in use; null where no model is configured. */
  readonly promptVersion: string | null;
  /** Those that can be promoted, the release's own choice first. */
  readonly promptVersions: readonly string[];
  readonly active: boolean;
  readonly updatedAt: Date | null;
}

export interface AgentTools {
  readonly states: AgentStates;
  readonly cache: Cache;
  readonly bus: EventBus;
  readonly log: Log;
}

const LIST: CacheKey = { operation: 'agents.list', id: 'all' };

/** The product's model roles: who plays them, and what admins change about them. */
export class AgentDirectory {
  constructor(
    private readonly llm: Pick<LlmConfig, 'provider' | 'models'> | null,
    private readonly tools: AgentTools,
  ) {}

  async list(): Promise<readonly Agent[]> {
    const { value } = await this.tools.cache.getOrLoad(LIST, () => this.tools.states.all());
    return value.map((state) => this.agentOf(state));
  }

  /** @throws AgentNotFound */
  async get(id: string): Promise<Agent> {
    return this.cached(knownId(id), id);
  }

  /** @throws AgentNotFound */
  async getByName(name: string): Promise<Agent> {
    const role = AGENT_ROLES.find((each) => each.name === name.toLowerCase());
    if (role === undefined) throw new AgentNotFound(name);
    return this.cached(role.id, `name:${role.name}`);
  }

  /** @param by who wants it, for the log */
  async setActive(id: string, active: boolean, by: string): Promise<Agent> {
    const agent = await this.change(knownId(id), { active });
    this.tools.log.info({ agent: agent.id, by }, active ? 'agent_activated' : 'agent_deactivated');
    return agent;
  }

  /**
   * From now on the role's prompt is this version: its earlier answers and the diagnoses made with them are not used
   * any more.
   * @param version `root_cause.v3`, `v3` or `3`
   * @throws AgentNotFound, InvalidInput naming the versions there are
   */
  async promote(id: string, version: string, by: string): Promise<Agent> {
    const known = knownId(id);
    const versions = promptVersions(known);
    const full = versions.find(
      (each) => each === version || each.endsWith(`.v${version.replace(/^v/i, '')}`),
    );
    if (full === undefined) {
      throw new InvalidInput(
        `The ${roleOf(known).title} has no version “${version}”; it has ${versions.join(', ')}.`,
        { versions },
      );
    }
    const before = (await this.get(id)).promptVersion;
    const agent = await this.change(known, { promptVersion: full });
    this.tools.log.info({ agent: known, from: before, to: full, by }, 'agent_version_promoted');
    this.tools.bus
      .publish('events:version_promoted', { agent: known, promptVersion: full })
      .catch((error: unknown) => this.tools.log.warn({ error: String(error) }, 'event_publish_failed'));
    return agent;
  }

  private async cached(id: AgentId, key: string): Promise<Agent> {
    const { value } = await this.tools.cache.getOrLoad({ operation: 'agents', id: key }, async () => {
      const states = await this.tools.states.all();
      return states.find((state) => state.id === id)!;
    });
    return this.agentOf(value);
  }

  private async change(
    id: AgentId,
    change: { readonly active?: boolean; readonly promptVersion?: string },
  ): Promise<Agent> {
    const state = await this.tools.states.change(id, change);
    const keys = [id, `name:${roleOf(id).name}`];
    await Promise.all([
      this.tools.cache.delete(LIST),
      ...keys.map((key) => this.tools.cache.delete({ operation: 'agents', id: key })),
    ]);
    return this.agentOf(state);
  }

  private agentOf({ id, active, promptVersion, updatedAt }: AgentState): Agent {
    const { name, title, description } = roleOf(id);
    return {
      id,
      name,
      title,
      description,
      provider: this.llm?.provider ?? 'rules',
      model: this.llm?.models[id] ?? RULES_NAME,
      promptVersion: this.llm === null ? null : promptOf(id, promptVersion).version,
      promptVersions: promptVersions(id),
      active,
      updatedAt,
    };
  }
}

/** @throws AgentNotFound */
function knownId(id: string): AgentId {
  const known = AGENT_IDS.find((each) => each === id);
  if (known === undefined) throw new AgentNotFound(id);
  return known;
}
