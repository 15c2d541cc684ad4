import { DomainError } from '@app/domain';

const ANEW = 'Make a new link: npm run cli -- github setup, or POST /api/v1/setup/github-app.';

/** The product doesn't know at which address GitHub and browsers reach it. */
export class PublicUrlMissing extends DomainError {
  readonly code = 'public_url_missing';
  constructor() {
    super(
      'PUBLIC_URL is not set: set it to the address at which browsers and GitHub reach this server, like https://ci.example.com, and start the server again.',
    );
  }
}

/** There is an App already. */
export class GithubAppConfigured extends DomainError {
  readonly code = 'github_app_configured';
  /** @param slug null: the App is the environment's */
  constructor(slug: string | null, facts: Readonly<Record<string, unknown>> = {}) {
    super(
      slug === null
        ? 'A GitHub App is configured by GITHUB_APP_ID, which goes before one that is set up here. Remove that variable first.'
        : `The GitHub App ${slug} is set up already. “npm run cli -- github forget” removes it from this product (not from GitHub), to set up another one.`,
      facts,
    );
  }
}

/** A link or a state that nobody was given. */
export class SetupLinkUnknown extends DomainError {
  readonly code = 'setup_link_unknown';
  constructor() {
    super(`This is no set-up that was begun here, or it ended long ago. ${ANEW}`);
  }
}

export class SetupLinkExpired extends DomainError {
  readonly code = 'setup_link_expired';
  constructor(expiredAt: Date) {
    super(`This set-up ended at ${expiredAt.toISOString()}. ${ANEW}`);
  }
}

export class SetupLinkUsed extends DomainError {
  readonly code = 'setup_link_used';
  constructor() {
    super(
      `This set-up was used already; each leads to one App. “npm run cli -- doctor” tells of that one. ${ANEW}`,
    );
  }
}

/** Another browser than the one that opened the link. */
export class SetupInOtherBrowser extends DomainError {
  readonly code = 'setup_other_browser';
  constructor() {
    super(
      `The link was opened in another browser before, and goes on there alone (with cookies allowed). If that wasn't you, somebody else has seen the link. ${ANEW}`,
    );
  }
}

/** GitHub gives nothing for the code that came back. */
export class AppCodeRefused extends DomainError {
  readonly code = 'github_app_code_refused';
  constructor(options: ErrorOptions) {
    super(
      `GitHub no longer knows the code it sent: it is good for one hour and for one use. If the App appears among your GitHub Apps, delete it there, for its key was never given out. ${ANEW}`,
      {},
      options,
    );
  }
}

/** GitHub made the App and gave its key, which could not be kept. */
export class GithubAppNotKept extends DomainError {
  readonly code = 'github_app_not_kept';
  constructor(slug: string, url: string, options?: ErrorOptions) {
    super(
      `GitHub made the App ${slug}, but it could not be stored here, and its key is shown only once. Delete it at ${url} and set up another one, or make a new key there and set GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY_FILE and GITHUB_WEBHOOK_SECRET.`,
      { slug },
      options,
    );
  }
}
