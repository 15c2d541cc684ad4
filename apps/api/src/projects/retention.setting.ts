import type { Config } from '@app/config';
import { MAX_RETENTION_DAYS, retentionInForce, type ProjectRetention, type Retention } from '@app/domain';
import { z } from 'zod';
import type { ProjectSetting } from './project-setting.js';

const days = z
  .int()
  .min(1)
  .max(MAX_RETENTION_DAYS)
  .nullable()
  .meta({ description: 'Null: as configured for all projects.' });

export const retentionSchema = z
  .strictObject({ logDays: days, diagnosisDays: days })
  .meta({ id: 'ProjectRetention' });

/** How many days the project's logs and diagnoses are kept. */
export function retentionSetting(
  retention: Retention,
  general: Config['retention'],
): ProjectSetting<ProjectRetention> {
  return {
    name: 'retention',
    schema: retentionSchema.superRefine((value, context) => {
      try {
        retentionInForce(value, general);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
      }
    }),
    read: (projectId) => retention.ofProject(projectId),
    write: (projectId, value) => retention.setForProject(projectId, value),
  };
}
