import type { Agent } from '@app/llm';
import { AGENT_IDS } from '@app/domain';
import { z } from 'zod';

export const agentSchema = z
  .object({
    id: z.enum(AGENT_IDS),
    name: z.string().meta({ example: 'root-cause-analyst' }),
    title: z.string(),
    description: z.string(),
    provider: z.string().meta({ description: 'Who is asked; `rules` where no model is configured.' }),
    model: z.string(),
    promptVersion: z.string().nullable().meta({ description: 'Null: no model is configured.' }),
    promptVersions: z
      .array(z.string())
      .meta({ description: "Those that can be promoted, the release's own choice first." }),
    active: z.boolean().meta({ description: "False: the role's step is answered by the rules." }),
    updatedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Agent' });
export type AgentView = z.output<typeof agentSchema>;

export const agentListSchema = z.object({ items: z.array(agentSchema) }).meta({ id: 'AgentList' });

export const versionSchema = z
  .string()
  .regex(/^(?:[a-z_]+\.)?v?\d{1,4}$/i, 'expected a version such as v2')
  .meta({ example: 'v2' });

export function presentAgent(agent: Agent): AgentView {
  return {
    ...agent,
    promptVersions: [...agent.promptVersions],
    updatedAt: agent.updatedAt?.toISOString() ?? null,
  };
}
