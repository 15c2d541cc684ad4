import { CONFIG } from '@app/composition';
import type { Config } from '@app/config';
import {
  Clock,
  InvalidInput,
  ProjectNotFound,
  ProjectRepository,
  isConnected,
  repositoryName,
  type ApiKey,
  type Project,
} from '@app/domain';
import { EraseProject, InvalidateViews, ReconcileRuns, WebhookSecrets } from '@app/pipeline';
import { Inject, Injectable } from '@nestjs/common';
import type {
  ChangeProject,
  CreateProject,
  ErasedView,
  ProjectDetailView,
  ProjectView,
} from './project.schemas.js';
import { repositoryOf } from './repository-of.js';
import { ProjectSettings } from './settings.js';

const DAY_MS = 86_400_000;
/** Runs a back-fill takes in at most: ten pages of a list. */
const BACKFILL_RUNS = 1_000;

/** Projects as one caller may see them: outside its own nothing exists. */
@Injectable()
export class Projects {
  constructor(
    private readonly projects: ProjectRepository,
    private readonly settings: ProjectSettings,
    private readonly secrets: WebhookSecrets,
    private readonly reconcile: ReconcileRuns,
    private readonly clock: Clock,
    private readonly views: InvalidateViews,
    private readonly eraser: EraseProject,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async list(caller: ApiKey): Promise<ProjectView[]> {
    const projects = await this.projects.list();
    return projects.filter(({ id }) => isVisible(caller, id)).map(presentProject);
  }

  /** @throws ProjectNotFound */
  async detail(caller: ApiKey, id: string): Promise<ProjectDetailView> {
    return this.present(await this.get(caller, id));
  }

  /**
   * Stores nothing of a repository whose past is wanted and can't be read.
   * @throws InvalidInput; ProjectNotFound for a key that is bound to other projects; ExternalFailure
   */
  async create(caller: ApiKey, wanted: CreateProject): Promise<ProjectDetailView> {
    if (caller.projectIds !== null)
      throw new InvalidInput('A key that is bound to projects can’t add another one.');
    const repository = repositoryOf(wanted.repository, this.config);
    if (wanted.backfillDays !== undefined) await this.reconcile.assertReadable(repository);
    const project = await this.projects.ensure(repository);
    await this.apply(project, { ...wanted, webhookSecretOverlapMs: 0 });
    if (wanted.backfillDays !== undefined) await this.backfill(caller, project.id, wanted.backfillDays);
    return this.detail(caller, project.id);
  }

  /** @throws ProjectNotFound, InvalidInput */
  async change(caller: ApiKey, id: string, change: ChangeProject): Promise<ProjectDetailView> {
    const project = await this.get(caller, id);
    await this.apply(project, change);
    return this.present(project);
  }

  /** How many runs were taken in. @throws ProjectNotFound, ExternalFailure */
  async backfill(caller: ApiKey, id: string, days: number): Promise<number> {
    const project = await this.get(caller, id);
    const since = new Date(this.clock.now().getTime() - days * DAY_MS);
    return this.reconcile.backfill(project, since, BACKFILL_RUNS);
  }

  /** @throws ProjectNotFound */
  async erase(caller: ApiKey, id: string): Promise<ErasedView> {
    await this.get(caller, id);
    const { rows, cacheKeys } = await this.eraser.run(id);
    return { rows: { ...rows }, cacheKeys };
  }

  /** @throws ProjectNotFound */
  async get(caller: ApiKey, id: string): Promise<Project> {
    const project = await this.projects.find(id);
    if (!project || !isVisible(caller, id)) throw new ProjectNotFound(id);
    return project;
  }

  private async apply(project: Project, change: ChangeProject): Promise<void> {
    const { id } = project;
    const { settings, webhookSecret, webhookSecretOverlapMs } = change;
    if (settings) await this.settings.change(id, settings);
    if (webhookSecret === null) await this.secrets.clear(id);
    else if (webhookSecret !== undefined)
      await this.secrets.rotate(id, webhookSecret, webhookSecretOverlapMs);
    this.views.projectChanged(project);
  }

  private async present(project: Project): Promise<ProjectDetailView> {
    const [settings, secret] = await Promise.all([
      this.settings.read(project.id),
      this.secrets.stateOf(project.id),
    ]);
    return {
      ...presentProject(project),
      webhookSecret: {
        active: secret.active,
        since: secret.since?.toISOString() ?? null,
        previousUntil: secret.previousUntil?.toISOString() ?? null,
      },
      settings,
    };
  }
}

function isVisible({ projectIds }: ApiKey, id: string): boolean {
  return projectIds === null || projectIds.includes(id);
}

function presentProject(project: Project): ProjectView {
  return {
    id: project.id,
    repository: repositoryName(project.repository),
    createdAt: project.createdAt.toISOString(),
    connected: isConnected(project),
    installationId: project.installationId,
    seenUntil: project.seenUntil?.toISOString() ?? null,
  };
}
