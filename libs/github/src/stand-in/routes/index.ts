import { APP_DELIVERY_ROUTES } from './app-deliveries.js';
import { APP_MANIFEST_ROUTES } from './app-manifests.js';
import { APP_ROUTES } from './app.js';
import { CHECK_ROUTES } from './checks.js';
import { CHECK_WRITE_ROUTES } from './check-writes.js';
import { COMMENT_ROUTES } from './comments.js';
import { COMMIT_ROUTES } from './commits.js';
import { CONTENT_ROUTES } from './contents.js';
import { GRAPHQL_ROUTES } from './graphql.js';
import { GIT_ROUTES } from './git.js';
import { ISSUE_ROUTES } from './issues.js';
import { LOG_ROUTES } from './logs.js';
import { PULL_ROUTES } from './pulls.js';
import { PULL_WRITE_ROUTES } from './pull-writes.js';
import { REPOSITORY_ROUTES } from './repositories.js';
import { RUN_WRITE_ROUTES } from './run-writes.js';
import { RUN_ROUTES } from './runs.js';

/** Every endpoint of the stand-in, one list an area. */
export const ROUTES = [
  ...RUN_ROUTES,
  ...LOG_ROUTES,
  ...REPOSITORY_ROUTES,
  ...CONTENT_ROUTES,
  ...COMMIT_ROUTES,
  ...PULL_ROUTES,
  ...CHECK_ROUTES,
  ...GRAPHQL_ROUTES,
  ...APP_ROUTES,
  ...APP_MANIFEST_ROUTES,
  ...APP_DELIVERY_ROUTES,
  ...RUN_WRITE_ROUTES,
  ...COMMENT_ROUTES,
  ...ISSUE_ROUTES,
  ...CHECK_WRITE_ROUTES,
  ...GIT_ROUTES,
  ...PULL_WRITE_ROUTES,
];

/** What requests are counted under: the endpoints' names, and the storage behind the logs. */
export type StandInRoute = (typeof ROUTES)[number]['name'] | 'storage' | 'unknown';
