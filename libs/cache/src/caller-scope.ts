import { hashOf } from './hash-of.js';

/**
 * The scope of what a caller may see: `all`, or one made of the projects; the same for the same projects in whatever order.
 * @param projectIds null: all projects
 */
export function callerScope(projectIds: readonly string[] | null | undefined): string {
  return projectIds === null || projectIds === undefined
    ? 'all'
    : hashOf([...new Set(projectIds)].toSorted());
}
