import type { MissedDeliveries } from '@app/domain';
import { z } from 'zod';
import type { GithubClients } from '../client/github-clients.js';
import { githubFailure } from '../client/github-failure.js';

/** Pages of a hundred deliveries a look: what is beyond is looked at when these have arrived. */
const MAX_PAGES = 5;
const PER_PAGE = 100;
/** A delivery that failed this often is not asked for again: its trouble is not that we were away. */
const MAX_TRIES = 4;

const deliverySchema = z.object({
  id: z.number(),
  guid: z.string(),
  delivered_at: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
  status_code: z.number(),
});
type AppDelivery = z.output<typeof deliverySchema>;

/** The deliveries of a GitHub App, which GitHub keeps for three days and sends again when asked. */
export class AppDeliveries implements MissedDeliveries {
  constructor(private readonly clients: GithubClients) {}

  async identity(): Promise<'app' | 'token' | 'nobody'> {
    const { app, token } = await this.clients.credentials();
    return app ? 'app' : token === null ? 'nobody' : 'token';
  }

  async redeliverFailed(since: Date): Promise<number> {
    const { app } = await this.clients.credentials();
    if (!app) return 0;
    const octokit = this.clients.forApp(app);
    try {
      const failed = lostOf(await this.list(octokit, since));
      for (const { id } of failed) await octokit.rest.apps.redeliverWebhookDelivery({ delivery_id: id });
      return failed.length;
    } catch (error) {
      throw githubFailure(error, 'the GitHub App’s deliveries');
    }
  }

  private async list(octokit: ReturnType<GithubClients['forApp']>, since: Date): Promise<AppDelivery[]> {
    const deliveries: AppDelivery[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const { data, headers } = await octokit.rest.apps.listWebhookDeliveries({ per_page: PER_PAGE, cursor });
      const read = z.array(deliverySchema).parse(data);
      deliveries.push(...read.filter(({ delivered_at }) => delivered_at >= since));
      cursor = /[?&]cursor=([^&>]+)[^>]*>; rel="next"/.exec(headers.link ?? '')?.[1];
      if (cursor === undefined || read.some(({ delivered_at }) => delivered_at < since)) break;
    }
    return deliveries;
  }
}

/** The latest try of each delivery that never arrived, the oldest first. */
function lostOf(deliveries: readonly AppDelivery[]): AppDelivery[] {
  const tries = new Map<string, AppDelivery[]>();
  for (const delivery of deliveries)
    tries.set(delivery.guid, [...(tries.get(delivery.guid) ?? []), delivery]);
  return [...tries.values()]
    .filter(
      (all) => all.length < MAX_TRIES && !all.some(({ status_code: code }) => code >= 200 && code < 300),
    )
    .map((all) => all.toSorted((a, b) => b.delivered_at.getTime() - a.delivered_at.getTime())[0]!)
    .toSorted((a, b) => a.delivered_at.getTime() - b.delivered_at.getTime());
}
