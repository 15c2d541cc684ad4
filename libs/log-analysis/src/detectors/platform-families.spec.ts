import { describe, expect, it } from 'vitest';
import { analyzeLog } from '../analyze-log.js';

/** The decisive line of a made-up log, and what the failure is. */
const SAMPLES: readonly (readonly [category: string, line: string])[] = [
  ['dependency', 'npm error ERESOLVE could not resolve'],
  ['dependency', 'npm ERR! notarget No matching version found for leftpad@^9.0.0.'],
  ['dependency', ' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install with "frozen-lockfile"'],
  ['dependency', 'E: Unable to locate package libfoo-dev'],
  ['dependency', 'sh: 1: tidy: not found'],
  ['dependency', 'Error response from daemon: manifest for acme/base:9 not found: manifest unknown'],
  ['build_config', 'ERROR: failed to calculate checksum of ref a1::b2: "/dist": not found'],
  ['workflow_config', '##[error]Unable to resolve action acme/deploy, repository not found'],
  ['workflow_config', "./ship.sh: line 7: syntax error near unexpected token `fi'"],
  ['network', 'Error response from daemon: toomanyrequests: You have reached your pull rate limit.'],
  ['network', 'curl: (6) Could not resolve host: mirror.example'],
  ['auth_permission', '##[error]Resource not accessible by integration'],
  ['auth_permission', 'User: arn:aws:iam::000000000000:user/ci is not authorized to perform: s3:PutObject'],
  ['resource_limit', 'write /var/lib/docker/tmp/x: no space left on device'],
  ['timeout_cancelled', '##[error]The operation was canceled.'],
  ['vcs_platform', 'CONFLICT (content): Merge conflict in src/cart.ts'],
  ['runner_infra', '##[error]The runner has received a shutdown signal.'],
  ['runtime_deploy', 'container shop-db-1 is unhealthy'],
];

describe('detectors of platforms and packages', () => {
  it.each(SAMPLES)('calls %s: %s', async (category, line) => {
    const log = [
      '##[group]Run ./ci.sh',
      '##[endgroup]',
      'working',
      line,
      '##[error]Process completed with exit code 1.',
    ];
    const analysis = await analyzeLog(Buffer.from(log.join('\n')));
    expect(analysis.failed).toBe(true);
    expect(analysis.verdict.category).toBe(category);
    expect(analysis.primary?.text).toBe(line.trim());
  });

  it('answers the log of a tool that nobody knows with its error line', async () => {
    const log = 'starting\nfrobnicate: error: the widget does not fit\nexit status 3\n';
    const analysis = await analyzeLog(Buffer.from(log), { knownFailed: true });
    expect(analysis.primary?.text).toBe('frobnicate: error: the widget does not fit');
  });
});
