import type { ModelPolicies, ModelPolicy } from '@app/domain';
import { z } from 'zod';
import type { ProjectSetting } from './project-setting.js';

const limit = z.number().min(0).nullable().meta({ description: 'Null: as configured for all projects.' });
const tokens = z.int().min(0).max(1_000_000_000_000).nullable();
const calls = z.int().min(0).max(1_000_000_000).nullable();

export const modelPolicySchema = z
  .strictObject({
    allowsOutsideModel: z.boolean().meta({
      description: 'False: nothing of the project is sent to a model outside our network; the rules answer.',
    }),
    dailyUsd: limit,
    monthlyUsd: limit,
    dailyTokens: tokens,
    monthlyTokens: tokens,
    dailyCalls: calls,
    monthlyCalls: calls,
  })
  .meta({ id: 'ModelPolicy' });

/** What the project allows a model to be asked and to cost. */
export function modelPolicySetting(policies: ModelPolicies): ProjectSetting<ModelPolicy> {
  return {
    name: 'modelPolicy',
    schema: modelPolicySchema,
    read: (projectId) => policies.of(projectId),
    write: (projectId, policy) => policies.set(projectId, policy),
  };
}
