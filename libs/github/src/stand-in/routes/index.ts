import { APP_ROUTES } from './app.js';
import { CHECK_ROUTES } from './checks.js';
import { COMMIT_ROUTES } from './commits.js';
import { CONTENT_ROUTES } from './contents.js';
import { LOG_ROUTES } from './logs.js';
import { PULL_ROUTES } from './pulls.js';
import { REPOSITORY_ROUTES } from './repositories.js';
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
  ...APP_ROUTES,
];

/** What requests are counted under: the endpoints' names, and the storage behind the logs. */
export type StandInRoute = (typeof ROUTES)[number]['name'] | 'storage' | 'unknown';
