import { CONFIG } from '@app/composition';
import type { Config } from '@app/config';
import { ActionPolicies, InvalidInput, ModelPolicies, Retention } from '@app/domain';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { actionPolicySchema, actionPolicySetting } from './action-policy.setting.js';
import { modelPolicySchema, modelPolicySetting } from './model-policy.setting.js';
import type { ProjectSetting } from './project-setting.js';
import { retentionSchema, retentionSetting } from './retention.setting.js';

/** As the API describes them: one field a part. */
export const settingsSchema = z
  .object({ modelPolicy: modelPolicySchema, retention: retentionSchema, actionPolicy: actionPolicySchema })
  .meta({ id: 'ProjectSettings' });
export type SettingsView = z.output<typeof settingsSchema>;

/** Parts to change; the fields that a part leaves out stay as they are. */
export const settingsPatchSchema = z.record(z.string(), z.record(z.string(), z.unknown()));
export type SettingsPatch = z.output<typeof settingsPatchSchema>;

/** The settings of projects, whoever keeps each part of them. */
@Injectable()
export class ProjectSettings {
  private readonly parts: readonly ProjectSetting[];

  constructor(
    models: ModelPolicies,
    retention: Retention,
    actions: ActionPolicies,
    @Inject(CONFIG) config: Config,
  ) {
    this.parts = [
      modelPolicySetting(models),
      retentionSetting(retention, config.retention),
      actionPolicySetting(actions),
    ] as ProjectSetting[];
  }

  async read(projectId: string): Promise<SettingsView> {
    const read = await Promise.all(this.parts.map(async ({ name, read: of }) => [name, await of(projectId)]));
    return Object.fromEntries(read) as SettingsView;
  }

  /** All parts are checked before the first is written. @throws InvalidInput naming what is wrong */
  async change(projectId: string, patch: SettingsPatch): Promise<void> {
    const unknown = Object.keys(patch).filter((name) => !this.parts.some((part) => part.name === name));
    if (unknown.length > 0) throw new InvalidInput(`No such settings: ${unknown.join(', ')}.`, { unknown });
    const changes: (() => Promise<void>)[] = [];
    for (const part of this.parts) {
      const changed = patch[part.name];
      if (changed === undefined) continue;
      const whole = { ...((await part.read(projectId)) as object), ...changed };
      const parsed = part.schema.safeParse(whole);
      if (!parsed.success) throw new InvalidInput(`${part.name}: ${z.prettifyError(parsed.error)}`);
      changes.push(() => part.write(projectId, parsed.data));
    }
    for (const change of changes) await change();
  }
}
