export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** Null = every project. */
  readonly projectIds: readonly string[] | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export abstract class ApiKeyRepository {
  /** `hash` is the SHA-256 of the key, hex; the key itself is never stored. */
  abstract create(key: {
    name: string;
    role: Role;
    projectIds: readonly string[] | null;
    hash: string;
  }): Promise<ApiKey>;
  abstract findActiveByHash(hash: string): Promise<ApiKey | null>;
  abstract list(): Promise<readonly ApiKey[]>;
  /** False when there is no such active key. */
  abstract revoke(id: string): Promise<boolean>;
}
