import type { AgentId } from '@app/domain';

export interface AgentRole {
  readonly id: AgentId;
  /** How people call it in addresses. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

/** The five roles that a model plays in the product. */
export const AGENT_ROLES: readonly AgentRole[] = [
  {
    id: 'classify',
    name: 'classifier',
    title: 'Classifier',
    description: 'Says what kind of failure it is, whether it passes by itself, and who can mend it.',
  },
  {
    id: 'root_cause',
    name: 'root-cause-analyst',
    title: 'Root-cause analyst',
    description: 'Names the cause, with the lines of the log it rests on.',
  },
  {
    id: 'solution',
    name: 'solution-author',
    title: 'Solution author',
    description: 'Writes the fix: steps, commands, edits and settings.',
  },
  {
    id: 'validate',
    name: 'validator',
    title: 'Validator',
    description: 'Reviews a proposed fix before anybody carries it out.',
  },
  {
    id: 'chat',
    name: 'assistant',
    title: 'Assistant',
    description: 'Answers questions about incidents and runbooks from their texts.',
  },
];

/** @throws when there is no such role, which the type excludes */
export function roleOf(id: AgentId): AgentRole {
  return AGENT_ROLES.find((role) => role.id === id)!;
}
