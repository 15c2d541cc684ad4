// Builds `dist` when it is missing or older than what it is built from. The demo, the benches, the chaos runs and the tests
// of services start with it: after `npm ci`, which has just built, there is nothing to do.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

// The compiler rewrites of `dist` only what changed; its own record tells when it last ran.
const STAMP = 'dist/.tsbuildinfo';
const SOURCES = ['apps', 'libs', 'package-lock.json', 'tsconfig.json', 'nest-cli.json'];
/** With `--tests`: the chaos runs and benches, and what they use, which are built with the product. */
const TEST_SOURCES = ['bench', 'chaos', 'fakes', 'stand-ins', 'support'].map((name) => join('test', name));

/** Milliseconds of the latest change under a path. A folder's own time tells of removed and renamed files. */
function changedAt(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => changedAt(join(path, name))));
}

const builtAt = existsSync(STAMP) ? statSync(STAMP).mtimeMs : 0;
const sources = process.argv.includes('--tests') ? [...SOURCES, ...TEST_SOURCES] : SOURCES;
if (sources.some((path) => changedAt(path) > builtAt)) {
  const startedAt = new Date();
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
  // Sources that changed during the build, and a build that failed, leave it stale.
  if (existsSync(STAMP)) utimesSync(STAMP, startedAt, status === 0 ? startedAt : new Date(0));
  process.exitCode = status ?? 1;
}
