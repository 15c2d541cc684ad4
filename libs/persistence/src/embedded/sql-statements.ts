/** One statement of an SQL text, cut where its top-level semicolons stand. */
export interface SqlStatement {
  /** Where it begins in the text, comments and white space before it left out. */
  readonly start: number;
  readonly end: number;
  /** The statement without comments and with every string literal emptied: what rules may look at. */
  readonly bare: string;
}

const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
/** Everything up to the next character that may begin a literal, a comment or a new statement. */
const PLAIN = /[^'"$;/-]+/y;
const WORD_CHARACTER = /[\w\u0080-\uffff]/;

/**
 * Cuts an SQL text into statements, in one pass. It knows string literals (also E'' and dollar-quoted ones), quoted
 * identifiers and comments (nested ones too), which is all that decides where a statement begins.
 */
export function sqlStatements(sql: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let start = -1;
  let bare = '';
  const keep = (from: number, to: number, shown = sql.slice(from, to)): void => {
    if (start === -1) {
      const leading = shown.length - shown.trimStart().length;
      if (leading === shown.length) return;
      start = from + leading;
      bare = shown.trimStart();
    } else bare += shown;
  };
  const finish = (end: number): void => {
    if (start !== -1) statements.push({ start, end, bare: bare.trimEnd() });
    start = -1;
    bare = '';
  };

  for (let at = 0; at < sql.length;) {
    const from = at;
    const two = sql.slice(at, at + 2);
    if (two === '--') {
      at = endOf(sql.indexOf('\n', at), 0, sql);
      keep(from, from + 1, ' ');
    } else if (two === '/*') {
      at = endOfComment(sql, at);
      keep(from, from + 1, ' ');
    } else if (sql[at] === "'") {
      const escapes = at > 0 && /e/i.test(sql[at - 1]!) && !WORD_CHARACTER.test(sql[at - 2] ?? '');
      at = endOfQuoted(sql, at, "'", escapes);
      keep(from, at, "''");
    } else if (sql[at] === '"') {
      at = endOfQuoted(sql, at, '"', false);
      keep(from, at);
    } else if (sql[at] === '$' && !WORD_CHARACTER.test(sql[at - 1] ?? '')) {
      const tag = matchAt(DOLLAR_TAG, sql, at);
      at = tag === null ? at + 1 : endOf(sql.indexOf(tag, at + tag.length), tag.length, sql);
      keep(from, at, tag === null ? '$' : "''");
    } else if (sql[at] === ';') {
      finish(at);
      at += 1;
    } else {
      at += matchAt(PLAIN, sql, at)?.length ?? 1;
      keep(from, at);
    }
  }
  finish(sql.length);
  return statements;
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function endOf(found: number, length: number, sql: string): number {
  return found === -1 ? sql.length : found + length;
}

function endOfQuoted(sql: string, start: number, quote: string, escapes: boolean): number {
  for (let at = start + 1; at < sql.length; at++) {
    if (escapes && sql[at] === '\\') at += 1;
    else if (sql[at] === quote) {
      // A doubled quote stands for one of its kind.
      if (sql[at + 1] !== quote) return at + 1;
      at += 1;
    }
  }
  return sql.length;
}

function endOfComment(sql: string, start: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 0;
  for (let found = edge.exec(sql); found !== null; found = edge.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return sql.length;
}
