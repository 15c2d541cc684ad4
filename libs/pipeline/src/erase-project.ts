import {
  CACHE_OPERATIONS,
  type Cache,
  type CacheOperation,
  type Erased,
  type Log,
  type ProjectEraser,
} from '@app/domain';
import { dropRepository } from './drop-repository.js';

/**
 * Whose are the entries of each operation: those of a `project` have its id before them, `github` is what was told of its
 * repository, what holds something of `several` at once goes as a whole, and `nobody`’s says nothing of any.
 */
const WHOSE: Readonly<Record<CacheOperation, 'project' | 'github' | 'several' | 'sessions' | 'nobody'>> = {
  project: 'project',
  'llm.solution': 'project',
  'llm.validate': 'project',
  // Keyed by what was asked, so that the same failure elsewhere is answered too.
  'llm.classify': 'several',
  'llm.root_cause': 'several',
  'llm.embedding': 'several',
  'llm.chat': 'several',
  'vector.search': 'several',
  'vector.resolved': 'several',
  'vector.recent': 'several',
  facets: 'several',
  search: 'several',
  stats: 'several',
  analytics: 'several',
  channels: 'several',
  workflows: 'several',
  'messages.count': 'several',
  session: 'sessions',
  'github.logs': 'github',
  'github.repo': 'github',
  'github.runs': 'github',
  'github.jobs': 'github',
  'github.annotations': 'github',
  'github.file': 'github',
  'github.diff': 'github',
  'github.pulls': 'github',
  'github.baseline': 'github',
  provider: 'nobody',
  agents: 'nobody',
  'agents.list': 'nobody',
};

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
    cacheKeys += await dropRepository(this.cache, erased.project.repository);
    for (const operation of CACHE_OPERATIONS) {
      if (WHOSE[operation] === 'project') await drop(operation, `${projectId}:*`);
      if (WHOSE[operation] === 'several') await drop(operation, '*');
      // What was answered in conversations may rest on any project.
      if (WHOSE[operation] === 'sessions') await drop(operation, '*:chat:*');
    }
    const rows = Object.values(erased.rows).reduce((sum, count) => sum + count, 0);
    this.log.info({ projectId, rows, cacheKeys }, 'project_erased');
    return { ...erased, cacheKeys };
  }
}
