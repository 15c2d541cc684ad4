import type { RedisEndpoint } from '@app/config';
import { failed, type Finding } from '../check.js';

/** Where the Redis is, without user and password. */
export function addressOf({ mode, nodes, tls, database }: RedisEndpoint): string {
  const scheme = tls ? 'rediss' : 'redis';
  const places = nodes.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`);
  const suffix = mode === 'single' ? '' : ` (${mode})`;
  return `${scheme}://${places.join(',')}${database === 0 ? '' : `/${database}`}${suffix}`;
}

/**
 * What an error of a connection or command means and what mends it.
 * @param variable the one that holds the address, for example `REDIS_URL`
 */
export function diagnose(error: Error, endpoint: RedisEndpoint, variable: string): Finding {
  const address = addressOf(endpoint);
  const text = messageOf(error, endpoint);
  const found = CASES.find(({ matches }) => matches.test(text));
  if (!found)
    return failed('redis_error', `${address}: ${text}`, 'Look the message up; Redis’ own log may say more.');
  return failed(found.problem, `${address}: ${found.detail} (${text})`, found.mend(variable));
}

interface Case {
  readonly problem: string;
  readonly matches: RegExp;
  readonly detail: string;
  readonly mend: (variable: string) => string;
}

/** The first that matches counts. */
const CASES: readonly Case[] = [
  {
    problem: 'redis_no_master',
    matches: /No sentinel names the master/,
    detail: 'none of the sentinels answers, or none knows a master of that name',
    mend: (variable) =>
      `Check the sentinels’ addresses in ${variable}, the name in ${variable.replace(/S$/, '_NAME')}, and that one of them runs.`,
  },
  {
    problem: 'redis_host_unknown',
    matches: /ENOTFOUND|EAI_AGAIN/,
    detail: 'the host’s name has no address',
    mend: (variable) => `Correct the host name in ${variable}, or the machine’s DNS.`,
  },
  {
    problem: 'redis_refused',
    matches: /ECONNREFUSED/,
    detail: 'nothing listens there',
    mend: (variable) => `Start Redis, or correct the host and port in ${variable}.`,
  },
  {
    problem: 'redis_no_answer',
    matches: /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|timeout|no answer/i,
    detail: 'no answer',
    mend: (variable) =>
      `Check that ${variable} names the right host and port, that no firewall is between, and that the server isn’t stopped.`,
  },
  {
    problem: 'redis_wrong_password',
    matches: /WRONGPASS|NOAUTH|invalid username-password|without any password configured|invalid password/i,
    detail: 'the user name or password is not accepted',
    mend: (variable) =>
      `Set the right password: in ${variable} (redis://user:password@host, with special characters percent-encoded) or in REDIS_PASSWORD.`,
  },
  {
    problem: 'redis_no_permission',
    matches: /NOPERM/,
    detail: 'the user may not do that',
    mend: () =>
      'Give the user’s ACL the keys under CACHE_PREFIX and the commands of its use (~prefix:* +@all -@admin).',
  },
  {
    problem: 'redis_read_only',
    matches: /READONLY|read-only replica/,
    detail: 'it is a replica and takes no writes',
    mend: (variable) => `Point ${variable} at the master, or use CACHE_REDIS_SENTINELS, which find it.`,
  },
  {
    problem: 'redis_full',
    matches: /\bOOM\b/,
    detail: 'its memory is full and it takes no writes',
    mend: () =>
      'Raise maxmemory or remove what fills it. A Redis for the cache alone frees room by itself with maxmemory-policy allkeys-lru.',
  },
  {
    problem: 'redis_cannot_save',
    matches: /MISCONF/,
    detail: 'it can’t save to its disk and takes no writes',
    mend: () =>
      'Free disk space or correct the permissions of Redis’ data directory; its log names the cause.',
  },
  {
    problem: 'redis_loading',
    matches: /LOADING/,
    detail: 'it is still loading its data',
    mend: () => 'Wait until it has loaded, then ask again.',
  },
  {
    problem: 'redis_wrong_database',
    matches: /DB index is out of range|SELECT is not allowed/,
    detail: 'it has no database of that number',
    mend: (variable) =>
      `Correct the database number at the end of ${variable} (or REDIS_DB); a cluster has only 0.`,
  },
  {
    problem: 'redis_ca_file',
    matches: /ENOENT|EACCES/,
    detail: 'the file of the certificate authority can’t be read',
    mend: () => 'Correct the path in REDIS_TLS_CA_FILE, or the file’s permissions.',
  },
  {
    problem: 'redis_certificate',
    matches: /CERT|certificate|altname/i,
    detail: 'its certificate is not trusted',
    mend: () =>
      'Name the authority’s PEM file in REDIS_TLS_CA_FILE, and use the host name that the certificate was made for.',
  },
];

/** The message without anything secret in it. */
function messageOf(error: Error, { password }: RedisEndpoint): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const inner =
    error instanceof AggregateError ? error.errors.map((each: Error) => each.message).join('; ') : '';
  const text = [code, error.message || inner].filter((part) => part !== '').join(' ');
  if (password === null || password === '') return text;
  return text.replaceAll(password, '***').replaceAll(encodeURIComponent(password), '***');
}
