import { describe, expect, it } from 'vitest';
import { readStartupMessage } from './startup-message.js';
import { cstrings } from './wire-protocol.js';

const read = (parameters: Record<string, string>) =>
  readStartupMessage(cstrings(...Object.entries(parameters).flat(), ''), 0);

describe('readStartupMessage', () => {
  it('takes user and database; the database is named as the user when none is given', () => {
    expect(read({ user: 'a', database: 'b' })).toMatchObject({ user: 'a', database: 'b', problem: null });
    expect(read({ user: 'a' })).toMatchObject({ user: 'a', database: 'a' });
  });

  it('takes settings from parameters and options', () => {
    const options = `-c search_path="t" --statement-timeout=5 -cwork_mem=4MB -c a.b=x\\ y\\\\z=`;
    expect([...read({ user: 'a', application_name: 'spec', options }).settings]).toEqual([
      ['application_name', 'spec'],
      ['search_path', '"t"'],
      ['statement_timeout', '5'],
      ['work_mem', '4MB'],
      ['a.b', 'x y\\z='],
    ]);
  });

  it('says what it can’t serve', () => {
    const refused: Record<string, string>[] = [
      { client_encoding: 'LATIN1' },
      { options: '-c client_encoding=sjis' },
      { replication: 'database' },
      { options: '-B 5' },
      { options: '-c' },
    ];
    for (const parameters of refused) {
      expect(read({ user: 'a', ...parameters }).problem).not.toBeNull();
    }
    const taken: Record<string, string>[] = [
      { client_encoding: `'utf-8'` },
      { replication: 'off' },
      { options: '  ' },
    ];
    for (const parameters of taken) {
      expect(read({ user: 'a', ...parameters }).problem).toBeNull();
    }
  });
});
