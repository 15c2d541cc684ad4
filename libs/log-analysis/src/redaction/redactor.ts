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
/** What the lines of a private key may hold; anything else ends an unterminated one. */
const KEY_BODY = /^[A-Za-z0-9+/=\s:,.\\-]*$/;

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

  /** True while the lines of a private key are being masked: every line must be handed in then. */
  get mustSeeNext(): boolean {
    return this.insideKey;
  }

  /**
   * @param line one line without its line end.
   * @param rules indexes into `REDACTION_TRIGGERS` of the rules whose literals stand in the line.
   * @param textStart where the provider's prefix (timestamp, columns) ends: it stays even inside a key.
   */
  line(line: string, rules: readonly number[], textStart = 0): string {
    if (this.insideKey) return this.keyLine(line, textStart);
    let out = line;
    // the last rule is the private key's; it comes first because it swallows the rest of the line
    if (rules.at(-1) === PRIVATE_KEY) out = this.keyBegin(out);
    for (const index of rules) {
      const rule = REDACTION_RULES[index];
      if (rule) out = this.apply(rule, out);
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
      if (secret.startsWith(MASK) || rule.accept?.(secret) === false) return match;
      this.count += 1;
      const mask = rule.mask ?? MASK;
      return groups['secret'] === undefined ? mask : `${groups['keep'] ?? ''}${mask}${groups['end'] ?? ''}`;
    });
  }

  private keyBegin(line: string): string {
    const begin = PRIVATE_KEY_BEGIN.exec(line);
    if (!begin) return line;
    this.count += 1;
    const bodyStart = begin.index + begin[0].length;
    const end = PRIVATE_KEY_END.exec(line.slice(bodyStart));
    if (end) return line.slice(0, begin.index) + MASK + line.slice(bodyStart + end.index + end[0].length);
    this.insideKey = true;
    return line.slice(0, begin.index) + MASK;
  }

  private keyLine(line: string, textStart: number): string {
    const text = line.slice(textStart);
    const end = PRIVATE_KEY_END.exec(text);
    if (end) {
      this.insideKey = false;
      return line.slice(0, textStart) + MASK + text.slice(end.index + end[0].length);
    }
    if (KEY_BODY.test(text)) return line.slice(0, textStart) + MASK;
    this.insideKey = false;
    return line.slice(0, textStart) + this.line(text, rulesFor(text));
  }
}

const ids = literalIds(REDACTION_TRIGGERS);
const scanner = new LiteralScanner([...ids.keys()]);
const triggers = new Triggers(REDACTION_TRIGGERS, ids);
const found = new HitSet(ids.size);

/** The rules worth trying on a text that was not scanned as part of a log. */
function rulesFor(text: string): readonly number[] {
  const bytes = Buffer.from(text, 'utf8');
  found.clear();
  scanner.scan(bytes, 0, bytes.length, found);
  return triggers.candidates(found);
}

/**
 * Masks every secret of a text, line structure kept. For text that isn't read as a log (answers, messages).
 * It fails closed: an error of a rule reaches the caller in place of the text.
 */
export function redactText(text: string): { text: string; redactions: number } {
  const redactor = new Redactor();
  const lines = text.split('\n').map((line) => redactor.line(line, [...rulesFor(line)]));
  return { text: lines.join('\n'), redactions: redactor.count };
}
