/** Writes `docs/cache-policies.md`: `npm run docs:cache`. */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { policiesPage } from './policies-page.js';

writeFileSync(resolve('docs', 'cache-policies.md'), policiesPage());
