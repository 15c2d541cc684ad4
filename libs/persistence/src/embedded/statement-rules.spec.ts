import { describe, expect, it } from 'vitest';
import { rulesOf } from './statement-rules.js';

describe('rulesOf', () => {
  it.each([
    'SELECT pg_advisory_xact_lock(1)',
    'SELECT pg_try_advisory_xact_lock_shared(1)',
    'SET LOCAL ROLE x',
    'COPY t TO STDOUT',
    `SELECT 'pg_advisory_lock(1)'`,
    'EXPLAIN SELECT 1',
    `INSERT INTO t VALUES ('; DISCARD ALL')`,
    'CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ SELECT 1; $$',
  ])('lets pass: %s', (sql) => {
    expect(rulesOf(sql)).toMatchObject({ refusal: null, sql });
  });

  it.each([
    'SELECT PG_Advisory_Lock (1)',
    'BEGIN; SELECT pg_advisory_unlock_shared(1)',
    'EXECUTE p',
    'deallocate all',
    'RESET ROLE',
    'SET SESSION AUTHORIZATION x',
    `SET NAMES 'LATIN1'`,
    'COPY t FROM STDIN',
    'SELECT 1; -- now\n DISCARD PLANS',
  ])('refuses: %s', (sql) => {
    expect(rulesOf(sql).refusal).not.toBeNull();
  });

  it('sees what may change a setting, at the beginning of a statement or in set_config', () => {
    for (const sql of ['SET a = 1', 'SELECT 1; reset all', `SELECT set_config('a', 'b', false)`]) {
      expect(rulesOf(sql).mayChangeSettings).toBe(true);
    }
    for (const sql of ['UPDATE t SET a = 1', `SELECT 'SET a = 1'`]) {
      expect(rulesOf(sql).mayChangeSettings).toBe(false);
    }
  });

  it('reads the channels of LISTEN and UNLISTEN as PostgreSQL folds them', () => {
    expect(rulesOf('LISTEN News; listen "Ne""ws"; UNLISTEN *; unlisten a_1').subscriptions).toEqual([
      { action: 'listen', channel: 'news' },
      { action: 'listen', channel: 'Ne"ws' },
      { action: 'unlisten', channel: '*' },
      { action: 'unlisten', channel: 'a_1' },
    ]);
  });

  it('runs UNLISTEN without taking the channel from others', () => {
    expect(rulesOf('UNLISTEN a; SELECT 1; /* b */ UNLISTEN *;').sql).toBe(
      'UNLISTEN "nobody listens here"; SELECT 1; /* b */ UNLISTEN "nobody listens here";',
    );
  });
});
