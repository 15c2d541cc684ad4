import { APP_SETUP_PATH, isReachedFrom, WEBHOOK_PATH } from './addresses.js';
import { NEEDED_EVENTS, permissionsFor, type AccessLevel, type AccessUse } from './needed-access.js';

/** What GitHub makes an App from. https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest */
export interface AppManifest {
  readonly name: string;
  readonly url: string;
  readonly description: string;
  readonly redirect_url: string;
  readonly public: boolean;
  readonly default_permissions: Readonly<Record<string, AccessLevel>>;
  /** Left out where GitHub can't reach the product. */
  readonly hook_attributes?: { readonly url: string; readonly active: boolean };
  readonly default_events?: readonly string[];
}

export interface ManifestOptions {
  readonly apiUrl: string;
  readonly publicUrl: string;
  /** Makes the name unique at GitHub; whoever creates the App can change it there. */
  readonly suffix: string;
  readonly use: AccessUse;
}

/** The manifest of the product's App: exactly the permissions and events that it needs, and no secret. */
export function appManifest({ apiUrl, publicUrl, suffix, use }: ManifestOptions): AppManifest {
  const webhook = isReachedFrom(apiUrl, publicUrl) && {
    hook_attributes: { url: publicUrl + WEBHOOK_PATH, active: true },
    default_events: NEEDED_EVENTS.map(({ event }) => event),
  };
  return {
    name: `devflowfix-${suffix}`,
    url: publicUrl,
    description: 'Diagnoses failed CI runs, with evidence, and mends them where it is allowed to.',
    redirect_url: `${publicUrl}${APP_SETUP_PATH}/callback`,
    public: false,
    default_permissions: permissionsFor(use),
    ...webhook,
  };
}
