import { randomUUID } from 'node:crypto';
import {
  sealedContext,
  SecretUnreadable,
  type Clock,
  type Log,
  type ProjectRepository,
  type RepositoryRef,
  type SealedSecret,
  type SecretBox,
  type WebhookSecretRepository,
} from '@app/domain';

/** What may be shown of a project's webhook secrets: never they themselves. */
export interface WebhookSecretState {
  /** How many hold now: two during a rotation; 0: the product's own secret vouches for the project. */
  readonly active: number;
  /** Since when the newest one is set. */
  readonly since: Date | null;
  /** When the one before ends; null: it has. */
  readonly previousUntil: Date | null;
}

/** The webhook secrets of projects, which are kept sealed and can be set but never read. */
export class WebhookSecrets {
  constructor(
    private readonly projects: ProjectRepository,
    private readonly secrets: WebhookSecretRepository,
    private readonly box: SecretBox,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** The secrets that vouch for a repository's deliveries; empty: it has none of its own. */
  async ofRepository(repository: RepositoryRef): Promise<readonly string[]> {
    const project = await this.projects.findByRepository(repository);
    if (!project) return [];
    const active = await this.secrets.active(project.id, this.clock.now());
    return active.flatMap((secret) => this.opened(secret) ?? []);
  }

  /** Sets a new secret; the ones before hold for `overlapMs` more. @throws ProjectNotFound, SecretKeyMissing */
  async rotate(projectId: string, secret: string, overlapMs: number): Promise<void> {
    const id = randomUUID();
    const createdAt = this.clock.now();
    const sealed = this.box.seal(secret, contextOf(id));
    await this.secrets.rotate(
      { id, projectId, sealed, createdAt, expiresAt: null },
      new Date(createdAt.getTime() + overlapMs),
    );
  }

  clear(projectId: string): Promise<void> {
    return this.secrets.clear(projectId);
  }

  async stateOf(projectId: string): Promise<WebhookSecretState> {
    const [newest, previous, ...others] = await this.secrets.active(projectId, this.clock.now());
    return {
      active: (newest ? 1 : 0) + (previous ? 1 : 0) + others.length,
      since: newest?.createdAt ?? null,
      previousUntil: previous?.expiresAt ?? null,
    };
  }

  /** Null for one whose key is gone: it vouches for nothing, and the log says so. */
  private opened({ id, projectId, sealed }: SealedSecret): string | null {
    try {
      return this.box.open(sealed, contextOf(id));
    } catch (error) {
      if (!(error instanceof SecretUnreadable)) throw error;
      this.log.error({ projectId, secretId: id, error: error.message }, 'webhook_secret_unreadable');
      return null;
    }
  }
}

function contextOf(id: string): string {
  return sealedContext('webhook_secrets', 'secret_sealed', id);
}
