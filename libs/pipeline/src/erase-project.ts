import type { Cache, CacheOperation, Erased, Log, ProjectEraser } from '@app/domain';
import { dropRepository } from './drop-repository.js';

/** What the keys of these operations begin with is a project's id. */
const OF_PROJECT = ['project', 'llm.solution', 'llm.validate'] as const satisfies readonly CacheOperation[];
/** What these hold may be of several projects. */
const OF_MANY = [
  'facets',
  'search',
  'stats',
  'analytics',
  'vector.search',
  'vector.resolved',
  'vector.recent',
  'llm.chat',
  'channels',
  'workflows',
  'messages.count',
] as const satisfies readonly CacheOperation[];

export interface ErasedProject extends Erased {
  readonly cacheKeys: number;
}

/** Removes a project with everything that was kept of it: rows, vectors and cache keys. */
export class EraseProject {
  constructor(
    private readonly eraser: ProjectEraser,
    private readonly cache: Cache,
    private readonly log: Log,
  ) {}

  /** @throws ProjectNotFound */
  async run(projectId: string): Promise<ErasedProject> {
    const erased = await this.eraser.erase(projectId);
    // After the rows: what is loaded now finds nothing any more.
    let cacheKeys = 0;
    const drop = async (operation: CacheOperation, glob: string): Promise<void> => {
      cacheKeys += await this.cache.deleteByPattern(operation, glob);
    };
    for (const operation of OF_PROJECT) await drop(operation, `${projectId}:*`);
    cacheKeys += await dropRepository(this.cache, erased.project.repository);
    for (const operation of OF_MANY) await drop(operation, '*');
    // What was answered in conversations may rest on any project.
    await drop('session', '*:chat:*');
    const rows = Object.values(erased.rows).reduce((sum, count) => sum + count, 0);
    this.log.info({ projectId, rows, cacheKeys }, 'project_erased');
    return { ...erased, cacheKeys };
  }
}
