import { HitSet, LiteralScanner } from '../scan/literal-scanner.js';
import { literalIds, Triggers, type Triggered } from '../scan/triggers.js';
import {
  PRIVATE_KEY_BEGIN,
  PRIVATE_KEY_END,
  PRIVATE_KEY_NEAR,
  REDACTION_RULES,
  type RedactionRule,
} from './rules.js';

export const MASK = '[redacted]';
/** What a mask looks like where an expression stops before its closing bracket. */
const MASKED = /^\[(?:redacted|email)\b/;
/** A line of a private key: base64 as far as quotes and escapes of the language around it go, a header, or blank. */
const KEY_BODY =
  /^\s{0,40}["'`+]?(?:[A-Za-z0-9+/=]{1,8192}(?:\\[nr]){0,2}["'`,;+\s\\]{0,20}|(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|Encryption|Public-Lines|Private-Lines|Key-Derivation|Argon2-\w{1,12}): .{0,300})?$/;
/** Base64 behind something that a relaying program put before it. */
const RELAYED_BODY = /(?<=[\s"'`|+])[A-Za-z0-9+/]{24,8192}={0,2}(?=(?:\\[nr]){0,2}["'`,;+\s\\]{0,20}$)/;
/** A mask may reveal a neighbour to another rule: rules are tried again until nothing changes, this often at most. */
const MAX_ROUNDS = 4;

/** What the scan looks for on behalf of redaction; the private key rule stands behind the line rules. */
export const REDACTION_TRIGGERS: readonly Triggered[] = [...REDACTION_RULES, { near: PRIVATE_KEY_NEAR }];
const PRIVATE_KEY = REDACTION_RULES.length;

/**
 * Masks secrets line by line, keeping the line structure. One instance a log: a private key spans lines.
 * Nothing here catches: a rule that throws ends the analysis, so that nothing unchecked is ever handed on.
 */
export class Redactor {
  /** How many secrets were masked so far. */
  count = 0;
  private insideKey = false;
  /** What stood before the key's first line: a relaying program puts it before the others too. */
  private keyPrefix = '';

  /** From a gap in the log on: what was left out may hold the beginning of a private key whose rest follows. */
  afterGap(): void {
    this.insideKey = true;
    this.keyPrefix = '';
  }

  /** True while the lines of a private key are being masked: every line must be handed in then. */
  get mustSeeNext(): boolean {
    return this.insideKey;
  }

  /** Whether `line` has to know where the provider's prefix ends: inside a private key and where one may begin. */
  needsTextStart(rules: readonly number[]): boolean {
    return this.insideKey || mayBeginKey(rules);
  }

  /**
   * @param line one line without its line end.
   * @param rules indexes into `REDACTION_TRIGGERS` of the rules whose literals stand in the line.
   * @param textStart where the provider's prefix (timestamp, columns) ends: it stays even inside a key.
   */
  line(line: string, rules: readonly number[], textStart = 0): string {
    if (this.insideKey) return this.keyLine(line, textStart);
    // first, because it swallows the rest of the line
    let out = mayBeginKey(rules) ? this.keyBegin(line, textStart) : line;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const before = out;
      for (const index of rules) {
        const rule = REDACTION_RULES[index];
        if (rule) out = this.apply(rule, out);
      }
      if (out === before) break;
    }
    return out;
  }

  private apply(rule: RedactionRule, line: string): string {
    return line.replace(rule.pattern, (...args: unknown[]) => {
      const match = args[0] as string;
      const last = args.at(-1);
      const groups = (typeof last === 'object' && last !== null ? last : {}) as Record<
        string,
        string | undefined
      >;
      const secret = groups['secret'] ?? match;
      if (MASKED.test(secret) || rule.accept?.(secret) === false) return match;
      this.count += 1;
      const mask = rule.mask ?? MASK;
      return groups['secret'] === undefined ? mask : `${groups['keep'] ?? ''}${mask}${groups['end'] ?? ''}`;
    });
  }

  private keyBegin(line: string, textStart: number): string {
    let out = '';
    let rest = line;
    for (let begin = PRIVATE_KEY_BEGIN.exec(rest); begin; begin = PRIVATE_KEY_BEGIN.exec(rest)) {
      this.count += 1;
      out += rest.slice(0, begin.index);
      const body = rest.slice(begin.index + begin[0].length);
      const end = PRIVATE_KEY_END.exec(body);
      if (!end) {
        this.insideKey = true;
        this.keyPrefix = out.slice(textStart);
        return out + MASK;
      }
      out += MASK;
      rest = body.slice(end.index + end[0].length);
    }
    return out + rest;
  }

  private keyLine(line: string, textStart: number): string {
    let start = textStart;
    if (this.keyPrefix !== '' && line.startsWith(this.keyPrefix, start)) start += this.keyPrefix.length;
    const kept = line.slice(0, start);
    const text = line.slice(start);
    const end = PRIVATE_KEY_END.exec(text);
    if (end) {
      this.insideKey = false;
      const rest = text.slice(end.index + end[0].length);
      return kept + MASK + this.line(rest, [...rulesFor(rest)]);
    }
    if (KEY_BODY.test(text)) return kept + MASK;
    if (RELAYED_BODY.test(text)) return kept + text.replace(RELAYED_BODY, MASK);
    this.insideKey = false;
    return kept + this.line(text, [...rulesFor(text)]);
  }
}

/** The private key's index is the highest of all. */
function mayBeginKey(rules: readonly number[]): boolean {
  return rules.at(-1) === PRIVATE_KEY;
}

const ids = literalIds(REDACTION_TRIGGERS);
const scanner = new LiteralScanner([...ids.keys()]);
const triggers = new Triggers(REDACTION_TRIGGERS, ids);
const found = new HitSet(ids.size);

/** The rules worth trying on a text that was not scanned as part of a log. */
export function rulesFor(text: string): readonly number[] {
  const bytes = Buffer.from(text, 'utf8');
  found.clear();
  scanner.scan(bytes, 0, bytes.length, found);
  return triggers.candidates(found);
}
