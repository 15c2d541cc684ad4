import { AGENT_INACTIVE, type AgentState, type Answer, type LanguageModel } from '@app/domain';
import { roleOf } from '../agents/agent-roles.js';
import type { CurrentAgents } from '../agents/current-agents.js';
import type { Floor } from '../floor.js';
import { DIAGNOSIS_OPERATIONS, type ModelCall } from '../operations.js';
import { promptOf } from '../prompts/index.js';
import { AroundEachOperation } from './around-each-operation.js';

/** Holds each operation to what people decided about its role: switched off, or with another version of its prompt. */
export class RoleLanguageModel extends AroundEachOperation {
  constructor(
    inner: LanguageModel,
    private readonly agents: CurrentAgents,
    private readonly floor: Floor,
  ) {
    super(inner);
  }

  /** The inner identity, and where the roles of a diagnosis differ from it. */
  override async identity(): Promise<string> {
    const states = await this.agents.all();
    const differences = DIAGNOSIS_OPERATIONS.map((operation) => {
      const { active, promptVersion } = states.find(({ id }) => id === operation)!;
      if (!active) return `:-${operation}`;
      const { version } = promptOf(operation, promptVersion);
      return version === promptOf(operation).version ? '' : `:${version}`;
    });
    return `${await this.inner.identity()}${differences.join('')}`;
  }

  protected async around<T>(call: ModelCall<T>): Promise<Answer<T>> {
    const { operation } = call.input;
    call.options.signal?.throwIfAborted();
    let state: AgentState;
    try {
      state = await this.agents.of(operation);
    } catch (error) {
      return this.floor.answer(call, `llm_agents_unknown: ${(error as Error).message}`);
    }
    if (!state.active) {
      return this.floor.answer(call, `${AGENT_INACTIVE}: The ${roleOf(operation).title} is switched off.`);
    }
    const promptVersion = state.promptVersion ?? undefined;
    return call.ask(this.inner, { ...call.options, promptVersion });
  }
}
