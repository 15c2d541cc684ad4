import type { Project, ProjectRepository, RepositoryRef } from '@app/domain';
import type { Database } from '../database.js';
import { ProjectEntity } from '../entities/project.entity.js';
import { storable } from '../storable.js';
import { isUuid } from './uuid.js';

export class PostgresProjectRepository implements ProjectRepository {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<Project | null> {
    if (!isUuid(id)) return null;
    const row = await this.database.entities((manager) => manager.findOneBy(ProjectEntity, { id }));
    return row ? toProject(row) : null;
  }

  async ensure(repository: RepositoryRef): Promise<Project> {
    const [row] = await this.database.query<{ id: string }>('SELECT ensure_project($1, $2) AS id', [
      JSON.stringify(storable(repository)),
      this.database.clock.now(),
    ]);
    const project = await this.database.entities((manager) =>
      manager.findOneByOrFail(ProjectEntity, { id: row!.id }),
    );
    return toProject(project);
  }

  async list(): Promise<readonly Project[]> {
    const rows = await this.database.entities((manager) =>
      manager
        .createQueryBuilder(ProjectEntity, 'project')
        .orderBy('lower(project.host)')
        .addOrderBy('lower(project.owner)')
        .addOrderBy('lower(project.name)')
        .getMany(),
    );
    return rows.map(toProject);
  }
}

function toProject({ id, host, owner, name, createdAt }: ProjectEntity): Project {
  return { id, repository: { host, owner, name }, createdAt };
}
