import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = resolve('scripts/build-when-stale.mjs');
const LATER = new Date(Date.now() + 3_600_000);

let project: string;
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'devflowfix-stale-'));
  const build = `node -e "fs.mkdirSync('dist', { recursive: true }); fs.writeFileSync('dist/.tsbuildinfo', ''); fs.appendFileSync('builds', 'x'); process.exitCode = fs.existsSync('broken') ? 2 : 0"`;
  await writeFile(join(project, 'package.json'), JSON.stringify({ scripts: { build } }));
  for (const folder of ['apps', 'libs/domain/src']) await mkdir(join(project, folder), { recursive: true });
  for (const file of ['package-lock.json', 'tsconfig.json', 'nest-cli.json', 'libs/domain/src/a.ts'])
    await writeFile(join(project, file), '{}');
});
afterEach(() => rm(project, { recursive: true, force: true }));

/** Exit code, and how many builds there have been. */
async function run(): Promise<[number | null, number]> {
  const child = spawn(process.execPath, [SCRIPT], { cwd: project, stdio: 'ignore' });
  const [code] = (await once(child, 'close')) as [number | null];
  const builds = await readFile(join(project, 'builds'), 'utf8').catch(() => '');
  return [code, builds.length];
}

describe('build-when-stale', () => {
  it('builds when nothing was built, and when a source or a folder changed, not otherwise', async () => {
    expect(await run()).toEqual([0, 1]);
    expect(await run()).toEqual([0, 1]);
    await utimes(join(project, 'libs/domain/src/a.ts'), LATER, LATER);
    expect(await run()).toEqual([0, 2]);
    const now = new Date();
    await utimes(join(project, 'libs/domain/src/a.ts'), now, now);
    await utimes(join(project, 'dist/.tsbuildinfo'), LATER, LATER);
    expect(await run()).toEqual([0, 2]);
    await rm(join(project, 'libs/domain/src/a.ts'));
    await utimes(join(project, 'dist/.tsbuildinfo'), now, now);
    expect(await run()).toEqual([0, 3]);
  });

  it('fails with the build, and builds again the next time', async () => {
    await writeFile(join(project, 'broken'), '');
    expect(await run()).toEqual([2, 1]);
    expect(await run()).toEqual([2, 2]);
  });
});
