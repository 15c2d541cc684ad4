import { ClaimLost, ExternalFailure } from '@app/domain';
import { describe, expect, it } from 'vitest';
import { isConflict, isLostConnection, translate } from './database-errors.js';

const withCode = (code: string, message = 'x'): Error => Object.assign(new Error(message), { code });
/** As TypeORM wraps what pg throws. */
const wrapped = (driverError: Error): Error => Object.assign(new Error(driverError.message), { driverError });

describe('translate', () => {
  it.each([
    withCode('ECONNREFUSED'),
    withCode('ENOENT'),
    wrapped(withCode('57P01')),
    wrapped(withCode('57P03')),
    wrapped(withCode('08006')),
    wrapped(withCode('53300')),
    withCode('28P01'),
    wrapped(withCode('25P03')),
    new Error('Connection terminated unexpectedly'),
    new Error('timeout exceeded when trying to connect'),
    wrapped(new Error('Query read timeout')),
    new Error('Cannot use a pool after calling end on the pool'),
  ])('calls connection trouble “away”, worth another try: %s', (error) => {
    const translated = translate(error) as ExternalFailure;
    expect(translated).toBeInstanceOf(ExternalFailure);
    expect(translated).toMatchObject({ code: 'database_away', retryable: true, cause: error });
  });

  it.each([wrapped(withCode('23505')), wrapped(withCode('42P01')), new TypeError('no'), new ClaimLost('x')])(
    'leaves anything else as it is: %s',
    (error) => {
      expect(translate(error)).toBe(error);
    },
  );
});

describe('isConflict', () => {
  it('is true of deadlocks and serialization failures alone', () => {
    expect(isConflict(wrapped(withCode('40P01')))).toBe(true);
    expect(isConflict(withCode('40001'))).toBe(true);
    expect(isConflict(withCode('23505'))).toBe(false);
    expect(isConflict(new Error('x'))).toBe(false);
  });
});

describe('isLostConnection', () => {
  it.each([
    wrapped(withCode('57P01')),
    wrapped(withCode('ECONNRESET')),
    wrapped(new Error('Connection terminated unexpectedly')),
    new Error('Client has encountered a connection error and is not queryable'),
  ])('is true when an open connection ended: %s', (error) => {
    expect(isLostConnection(error)).toBe(true);
  });

  it.each([
    withCode('ECONNREFUSED'),
    new Error('Connection terminated due to connection timeout'),
    new Error('Query read timeout'),
    wrapped(withCode('40P01')),
  ])('is false of a server that is not there or slow: %s', (error) => {
    expect(isLostConnection(error)).toBe(false);
  });
});
