import {
  ACTION_KINDS,
  ACTION_MODES,
  DEFAULT_ACTION_POLICY,
  type ActionPolicies,
  type ActionPolicy,
} from '@app/domain';
import { z } from 'zod';
import type { ProjectSetting } from './project-setting.js';

const kind = z.enum(ACTION_KINDS);
const mode = z.enum(ACTION_MODES);
const pattern = z
  .string()
  .min(1)
  .max(300)
  .regex(/^\P{Cc}+$/u, 'must not hold control characters');
const patterns = z.array(pattern).max(100);
const limit = z.int().min(0).max(10_000);

export const actionPolicySchema = z
  .strictObject({
    kinds: z
      .strictObject(
        Object.fromEntries(ACTION_KINDS.map((name) => [name, mode])) as Record<
          (typeof ACTION_KINDS)[number],
          typeof mode
        >,
      )
      .meta({ description: 'All of them, so that nothing is allowed by oversight.' }),
    forkKinds: z
      .array(kind)
      .meta({ description: 'Kinds that a run of a fork may lead to, once a person approved them.' }),
    branches: patterns.meta({ description: 'Globs of branches that a fix may be proposed for.' }),
    paths: patterns.meta({ description: 'Globs of files that a fix may edit.' }),
    protectedPaths: patterns.meta({
      description: 'Globs of files that no fix edits, whatever `paths` says; case does not matter.',
    }),
    maxFiles: z.int().min(0).max(1_000),
    maxChangedLines: z.int().min(0).max(100_000),
    dailyLimits: z
      .strictObject({ each: limit, all: limit })
      .meta({ description: 'New actions a UTC day: of each kind, and of all together.' }),
    maxAttempts: z.int().min(1).max(100).meta({ description: 'A run with this many is not run again.' }),
    minConfidence: z
      .number()
      .min(0)
      .max(1)
      .meta({ description: 'A diagnosis less sure than this leads to no automatic remedy.' }),
  })
  .meta({ id: 'ActionPolicy' });

/** What the project lets the product do to its repository. */
export function actionPolicySetting(policies: ActionPolicies): ProjectSetting<ActionPolicy> {
  return {
    name: 'actionPolicy',
    schema: actionPolicySchema,
    read: async (projectId) => (await policies.find(projectId)) ?? DEFAULT_ACTION_POLICY,
    write: (projectId, policy) => policies.save(projectId, policy),
  };
}
