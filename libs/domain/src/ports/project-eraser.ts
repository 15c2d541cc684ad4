import type { Project } from './project-repository.js';

export interface Erased {
  readonly project: Project;
  /** Rows that were deleted (or, of keys, changed), by table; tables without any are left out. */
  readonly rows: Readonly<Record<string, number>>;
}

export abstract class ProjectEraser {
  /**
   * Deletes a project and everything that is kept of it, in small steps: broken off, it is called again and goes on.
   * @throws ProjectNotFound
   */
  abstract erase(projectId: string): Promise<Erased>;
}
