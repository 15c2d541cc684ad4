import { ProjectNotFound, type ApiKey } from '@app/domain';
import { ForbiddenException } from '@nestjs/common';

/** Whether a caller may see what belongs to a project. @param projectId null: to every project */
export function maySee({ projectIds }: ApiKey, projectId: string | null): boolean {
  return projectId === null || projectIds === null || projectIds.includes(projectId);
}

/**
 * Holds a caller to its projects when it adds or changes something of one.
 * @param projectId null: of every project, which takes a key for every project
 * @throws ProjectNotFound for a project of others, which is answered like one that isn't there
 */
export function assertMayChange(caller: ApiKey, projectId: string | null): void {
  if (projectId === null && caller.projectIds !== null)
    throw new ForbiddenException(
      `This is about every project, and the API key “${caller.name}” is for some: name one of them as “project”.`,
    );
  if (!maySee(caller, projectId)) throw new ProjectNotFound(projectId!);
}
