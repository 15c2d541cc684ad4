import type { GithubPart } from '../../github-schema.js';
import { endpoint, NOT_FOUND, ok } from '../stand-in-route.js';
import type { AppDeliveryState } from '../state/app-deliveries-state.js';

/** The App's webhook and what became of its deliveries. https://docs.github.com/rest/apps/webhooks */
export const APP_DELIVERY_ROUTES = [
  endpoint(
    'app_hook',
    'GET /app/hook/config',
    ({ state }) => {
      const { hook } = state.apps.deliveries;
      return ok({
        content_type: 'json',
        insecure_ssl: '0',
        ...(hook && { url: hook.url, secret: '********' }),
      } satisfies GithubPart<'webhook-config'>);
    },
    'app',
  ),
  endpoint(
    'app_deliveries',
    'GET /app/hook/deliveries',
    ({ state, url }) => {
      const perPage = Math.min(100, Number(url.searchParams.get('per_page') ?? 30));
      const cursor = Number(url.searchParams.get('cursor') ?? Infinity);
      const older = state.apps.deliveries.tries.filter(({ id }) => id < cursor);
      const shown = older.slice(0, perPage);
      const next = new URL(url);
      next.searchParams.set('cursor', String(shown.at(-1)?.id));
      const headers = older.length > perPage ? { link: `<${next.href}>; rel="next"` } : undefined;
      return ok(shown.map(payload), headers);
    },
    'app',
  ),
  endpoint(
    'app_redelivery',
    'POST /app/hook/deliveries/{id}/attempts',
    async ({ state, params }) => {
      const id = Number(params['id']);
      const { deliveries } = state.apps;
      if (!deliveries.tries.some((one) => one.id === id)) return NOT_FOUND;
      // It is sent after the answer.
      setImmediate(() => void deliveries.redeliver(id));
      return { status: 202, body: {} };
    },
    'app',
  ),
];

function payload({ id, guid, event, payload: sent, deliveredAt, redelivery, statusCode }: AppDeliveryState) {
  return {
    id,
    guid,
    delivered_at: deliveredAt.toISOString(),
    redelivery,
    duration: 0.03,
    status: statusCode < 300 ? 'OK' : 'failed to connect to host',
    status_code: statusCode,
    event,
    action: typeof sent['action'] === 'string' ? sent['action'] : null,
    installation_id: null,
    repository_id: null,
    throttled_at: null,
  } satisfies GithubPart<'hook-delivery-item'>;
}
