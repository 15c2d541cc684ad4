import { execFileSync } from 'node:child_process';

/** Worker threads and spawned processes of the product run from `dist`: build it once before the service tests. */
export function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
