import { sqlStatements, type SqlStatement } from './sql-statements.js';

/** Why a statement is not run in a session that several clients share. */
export interface Refusal {
  readonly reason: string;
  readonly hint: string;
}

/** A LISTEN or UNLISTEN statement. */
export interface Subscription {
  readonly action: 'listen' | 'unlisten';
  /** As PostgreSQL folds it; `*` with `unlisten` is every channel. */
  readonly channel: string;
}

/** What an SQL text means to a session that several clients share. */
export interface StatementRules {
  /** Null when it may be run. */
  readonly refusal: Refusal | null;
  /** It may change a setting of the session for longer than a transaction. */
  readonly mayChangeSettings: boolean;
  readonly subscriptions: readonly Subscription[];
  /**
   * The text to run. Every UNLISTEN is one of a channel that nobody uses: the session goes on listening for its other
   * clients, and the answer has the form that this one waits for.
   */
  readonly sql: string;
}

/** Statements whose effect would reach other clients and can't be kept apart. */
const REFUSALS: readonly { readonly pattern: RegExp; readonly refusal: Refusal }[] = [
  {
    pattern: /\bpg_(?:try_)?advisory_(?:lock|unlock)(?:_shared|_all)?\s*\(/i,
    refusal: {
      reason: 'Advisory locks of a session are not available: all clients share one session.',
      hint: 'Use pg_advisory_xact_lock in a transaction.',
    },
  },
  {
    pattern: /^(?:prepare|execute|deallocate)\b/i,
    refusal: {
      reason: 'PREPARE, EXECUTE and DEALLOCATE are not available: all clients share one session.',
      hint: 'Use prepared statements of the wire protocol, which are kept apart.',
    },
  },
  {
    pattern: /^discard\b/i,
    refusal: {
      reason: 'DISCARD is not available: it would reach into what other clients hold.',
      hint: 'RESET the settings that were changed.',
    },
  },
  {
    pattern: /^(?:re)?set\s+(?:session\s+)?(?:role|authorization)\b/i,
    refusal: {
      reason: 'Changing the role of the session is not available: all clients share one session.',
      hint: 'Use SET LOCAL ROLE in a transaction.',
    },
  },
  {
    pattern: /^set\s+(?:(?:session|local)\s+)?(?:client_encoding|names)\b/i,
    refusal: {
      reason: 'The embedded database speaks UTF8 only.',
      hint: 'Leave the client encoding as it is.',
    },
  },
  {
    pattern: /^copy\b.*\bfrom\s+stdin\b/is,
    refusal: {
      reason: 'COPY FROM STDIN is not available in the embedded database.',
      hint: 'Use INSERT with several rows, or unnest of arrays.',
    },
  },
];

const CHANGES_SETTINGS = /^(?:set|reset)\b|\bset_config\s*\(/i;
const SUBSCRIPTION = /^(un)?listen\s+("(?:[^"]|"")+"|[\w$\u0080-\uffff]+|\*)/i;
const UNLISTEN_NOBODY = 'UNLISTEN "nobody listens here"';

/** Texts come again and again; the longest are one-off migrations. */
const REMEMBERED_TEXTS = 500;
const REMEMBERED_LENGTH = 20_000;
const remembered = new Map<string, StatementRules>();

export function rulesOf(sql: string): StatementRules {
  const known = remembered.get(sql);
  if (known) return known;
  const rules = readRules(sql);
  if (sql.length <= REMEMBERED_LENGTH) {
    if (remembered.size >= REMEMBERED_TEXTS) remembered.clear();
    remembered.set(sql, rules);
  }
  return rules;
}

function readRules(sql: string): StatementRules {
  const statements = sqlStatements(sql);
  const subscriptions: Subscription[] = [];
  let kept = sql;
  // From the back, so that what is replaced doesn't move what is still to be read.
  for (const statement of statements.toReversed()) {
    const subscription = subscriptionOf(statement);
    if (!subscription) continue;
    subscriptions.unshift(subscription);
    if (subscription.action === 'unlisten') {
      kept = kept.slice(0, statement.start) + UNLISTEN_NOBODY + kept.slice(statement.end);
    }
  }
  return {
    refusal:
      REFUSALS.find(({ pattern }) => statements.some(({ bare }) => pattern.test(bare)))?.refusal ?? null,
    mayChangeSettings: statements.some(({ bare }) => CHANGES_SETTINGS.test(bare)),
    subscriptions,
    sql: kept,
  };
}

function subscriptionOf({ bare }: SqlStatement): Subscription | null {
  const match = SUBSCRIPTION.exec(bare);
  if (!match) return null;
  return { action: match[1] === undefined ? 'listen' : 'unlisten', channel: foldIdentifier(match[2]!) };
}

function foldIdentifier(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();
}
