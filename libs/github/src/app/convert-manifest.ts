import { RequestError } from '@octokit/request-error';
import { z } from 'zod';
import type { GithubClients } from '../client/github-clients.js';
import { githubFailure, unavailable } from '../client/github-failure.js';
import { acceptsGithub } from '../github-schema.js';
import { AppCodeRefused } from './setup-errors.js';

const conversionSchema = acceptsGithub<'integration'>()(
  z.object({
    id: z.int().positive(),
    html_url: z.url(),
    // An enterprise has no login.
    owner: z.object({ id: z.number(), login: z.string().optional() }),
  }),
).and(
  z.object({
    slug: z.string().min(1),
    client_id: z.string(),
    client_secret: z.string().min(1),
    webhook_secret: z.string().min(1).nullish(),
    pem: z.string().includes('-----BEGIN'),
  }),
);
/** An App as GitHub gives it once, with its secrets. */
export type ConvertedApp = z.output<typeof conversionSchema>;

/**
 * Exchanges the code that came back from GitHub for the App that was made.
 * @throws AppCodeRefused
 * @throws ExternalFailure
 */
export async function convertManifest(clients: GithubClients, code: string): Promise<ConvertedApp> {
  const what = 'the GitHub App that was made';
  let data: unknown;
  try {
    ({ data } = await clients.withToken(null).rest.apps.createFromManifest({ code }));
  } catch (error) {
    if (error instanceof RequestError && (error.status === 404 || error.status === 422))
      throw new AppCodeRefused({ cause: error });
    throw githubFailure(error, what);
  }
  const read = conversionSchema.safeParse(data);
  if (read.success) return read.data;
  // The answer holds the App's secrets: it is described by its fields' names alone.
  const fields = read.error.issues.map(({ path }) => path.join('.') || 'the whole').join(', ');
  throw unavailable(`GitHub's answer for ${what} can't be read: wrong or missing are ${fields}.`, null);
}
