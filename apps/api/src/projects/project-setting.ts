import type { z } from 'zod';

/**
 * One part of a project's settings: what `GET /projects/{id}` shows and `PATCH` takes under its name. Whoever adds a policy
 * adds a part in a file of its own and names it in `settings.ts`.
 */
export interface ProjectSetting<T = unknown> {
  readonly name: string;
  /** Of the whole part, as it is shown; strict, so that a misspelt field is told. */
  readonly schema: z.ZodType<T>;
  read(projectId: string): Promise<T>;
  /** @throws ProjectNotFound, InvalidInput */
  write(projectId: string, value: T): Promise<void>;
}
