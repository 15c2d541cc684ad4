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
    const now = this.database.clock.now();
    const [row] = await this.database.query<{ id: string }>('SELECT ensure_project($1, $2) AS id', [
      JSON.stringify(storable(repository)),
      now,
    ]);
    await this.database.query(
      'UPDATE projects SET connected_at = $2 WHERE id = $1 AND connected_at IS NULL',
      [row!.id, now],
    );
    const project = await this.database.entities((manager) =>
      manager.findOneByOrFail(ProjectEntity, { id: row!.id }),
    );
    return toProject(project);
  }

  async findByRepository(repository: RepositoryRef): Promise<Project | null> {
    const [row] = await this.database.query<{ id: string | null }>('SELECT find_project($1) AS id', [
      JSON.stringify(storable(repository)),
    ]);
    return row?.id ? this.find(row.id) : null;
  }

  async markSeen(id: string, until: Date): Promise<void> {
    if (!isUuid(id)) return;
    await this.database.query(
      `UPDATE projects SET seen_until = $2 WHERE id = $1 AND (seen_until IS NULL OR seen_until < $2)`,
      [id, until],
    );
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

function toProject(row: ProjectEntity): Project {
  const { id, host, owner, name, createdAt, installationId, connectedAt, disconnectedAt, seenUntil } = row;
  const repository = { host, owner, name };
  return { id, repository, createdAt, installationId, connectedAt, disconnectedAt, seenUntil };
}
