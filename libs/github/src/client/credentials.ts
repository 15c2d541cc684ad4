/** A GitHub App: acts on the repositories it is installed on. */
export interface AppCredentials {
  readonly id: number;
  /** PEM. */
  readonly privateKey: string;
  /** The name in the App's address, for links; null when it isn't known. */
  readonly slug: string | null;
}

/** What the product may sign in to GitHub with. Where the App is not installed the token serves, if there is one. */
export interface GithubCredentials {
  readonly app: AppCredentials | null;
  readonly token: string | null;
}

/** Asked before every call, so that an App made meanwhile is used without a restart: answers from memory. */
export type CredentialSource = () => Promise<GithubCredentials>;

export function fixedCredentials(credentials: Partial<GithubCredentials>): CredentialSource {
  const fixed = { app: credentials.app ?? null, token: credentials.token ?? null };
  return () => Promise.resolve(fixed);
}
