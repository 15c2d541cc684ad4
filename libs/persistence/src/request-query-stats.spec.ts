import { describe, expect, it } from 'vitest';
import { RequestQueryStats, type QueryStats } from './request-query-stats.js';

async function request(queries: number): Promise<QueryStats | undefined> {
  return RequestQueryStats.run(async () => {
    for (let sent = 0; sent < queries; sent++) {
      await Promise.resolve();
      RequestQueryStats.add(2);
    }
    return RequestQueryStats.current();
  });
}

describe('RequestQueryStats', () => {
  it('counts what is sent below a request, each request for itself', async () => {
    expect(await Promise.all([request(3), request(0)])).toEqual([
      { count: 3, ms: 6 },
      { count: 0, ms: 0 },
    ]);
  });

  it('is nothing outside of a request', () => {
    RequestQueryStats.add(1);
    expect(RequestQueryStats.current()).toBeUndefined();
  });
});
