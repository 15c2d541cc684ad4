import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sqlStatements } from './sql-statements.js';

const bare = (sql: string): string[] => sqlStatements(sql).map((statement) => statement.bare);

describe('sqlStatements', () => {
  it('cuts at semicolons, and only at those of the top level', () => {
    expect(bare('SELECT 1; SELECT 2')).toEqual(['SELECT 1', 'SELECT 2']);
    expect(bare(`SELECT ';', "a;b", $$;$$, $x$ $$;$$ $x$, 'it''s;' ; SELECT 2`)).toEqual([
      `SELECT '', "a;b", '', '', ''`,
      'SELECT 2',
    ]);
    expect(bare(' ;; ; ')).toEqual([]);
    expect(bare('')).toEqual([]);
  });

  it('leaves comments out, also where they nest or hold quotes', () => {
    expect(bare(`-- it's; nothing\n/* a /* b; */ ' */ SELECT /* ; */ 1 -- ;`)).toEqual(['SELECT   1']);
    expect(bare('/* never ended; SELECT 1')).toEqual([]);
    expect(bare('-- never ended; SELECT 1')).toEqual([]);
  });

  it('knows backslashes in E strings, and there alone', () => {
    expect(bare(`SELECT E'a\\';b'; SELECT 2`)).toEqual([`SELECT E''`, 'SELECT 2']);
    expect(bare(`SELECT 'a\\'; SELECT 2`)).toEqual([`SELECT ''`, 'SELECT 2']);
    expect(bare(`SELECT some'a\\'; SELECT 2`)).toEqual([`SELECT some''`, 'SELECT 2']);
  });

  it('does not take parameters or names with a dollar for quotes', () => {
    expect(bare('SELECT $1, a$b$c; SELECT $2')).toEqual(['SELECT $1, a$b$c', 'SELECT $2']);
  });

  it('finds statements where they stand', () => {
    const sql = '/* x */ SELECT 1 ;\n -- y\n UNLISTEN a;';
    expect(sqlStatements(sql).map(({ start, end }) => sql.slice(start, end))).toEqual([
      'SELECT 1 ',
      'UNLISTEN a',
    ]);
  });

  it('gives back what it was made of, whatever the literals hold', () => {
    const literal = fc.oneof(
      fc.string().map((text) => `'${text.replaceAll("'", "''")}'`),
      fc
        .string()
        .filter((text) => !text.includes('$'))
        .map((text) => `$q$${text}$q$`),
    );
    const statement = fc
      .array(literal, { maxLength: 4 })
      .map((literals) => ['SELECT', ...literals].join(' '));
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 5 }), (statements) => {
        const sql = statements.join(';');
        expect(sqlStatements(sql).map(({ start, end }) => sql.slice(start, end))).toEqual(statements);
      }),
    );
  });

  it('takes any text, in time that grows with its length', () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (sql) => void sqlStatements(sql)));
    const startedAt = performance.now();
    for (const piece of [`'`, '/*', '--', ' ', '$$', '$a', `E'\\`, '"', ';'])
      sqlStatements(piece.repeat(200_000));
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
