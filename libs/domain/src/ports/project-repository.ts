import type { RepositoryRef } from '../repository-ref.js';

export interface Project {
  readonly id: string;
  readonly repository: RepositoryRef;
  readonly createdAt: Date;
  /** Of the GitHub App that has the repository; null without one. */
  readonly installationId: number | null;
  /**
   * Since when the product may ask about its runs: a delivery or an App told of it, or somebody added it. Null: it is known
   * only by logs that were handed in.
   */
  readonly connectedAt: Date | null;
  /** When the App lost the repository or was suspended; null while it is connected. */
  readonly disconnectedAt: Date | null;
  /** Until when the runs of the CI system were compared with what deliveries told; null: never. */
  readonly seenUntil: Date | null;
}

/** Whether the product watches its runs. */
export function isConnected({ connectedAt, disconnectedAt }: Project): boolean {
  return connectedAt !== null && disconnectedAt === null;
}

/** A webhook secret of a project as it is stored: sealed. */
export interface SealedSecret {
  readonly id: string;
  readonly projectId: string;
  readonly sealed: string;
  readonly createdAt: Date;
  /** Null: until it is replaced. */
  readonly expiresAt: Date | null;
}

export abstract class ProjectRepository {
  abstract find(id: string): Promise<Project | null>;
  abstract findByRepository(repository: RepositoryRef): Promise<Project | null>;
  /** The project of a repository, made when it is new, and connected from now on. */
  abstract ensure(repository: RepositoryRef): Promise<Project>;
  abstract list(): Promise<readonly Project[]>;
  /** Notes how far the runs were compared; an earlier moment than the noted one changes nothing. */
  abstract markSeen(id: string, until: Date): Promise<void>;
}

/** Webhook secrets of projects. A project that has one is no longer vouched for by the product's own. */
export abstract class WebhookSecretRepository {
  /** Those that hold at this moment, the newest first. */
  abstract active(projectId: string, now: Date): Promise<readonly SealedSecret[]>;
  /** Whether any project has one that holds at this moment. */
  abstract isAnyActive(now: Date): Promise<boolean>;
  /**
   * Adds a secret (its id is made by whoever sealed it, for the seal is bound to it) and lets those before it end at
   * `expireOthersAt`, unless they end earlier.
   * @throws ProjectNotFound
   */
  abstract rotate(secret: SealedSecret, expireOthersAt: Date): Promise<void>;
  /** Ends all; the product's own secret vouches for the project again. */
  abstract clear(projectId: string): Promise<void>;
}
