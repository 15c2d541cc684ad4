import { stripControls } from '../reader/ansi.js';
import { splitPrefix } from '../reader/prefix.js';
import { Redactor, rulesFor } from './redactor.js';

/** A line that never ends is cut at white space from this length on, where a secret is least likely to stand. */
const MAX_LINE_CHARS = 4 * 1_048_576;
/** How a shortened log says that lines are missing. */
const GAP = /^\[devflowfix\] \d+ bytes of the log left out here$/;

/**
 * Masks the secrets of a text that comes in pieces of any size, cut anywhere. Line structure (CRLF too) is kept,
 * terminal controls are taken out: one inside a secret would hide it. Holds one line, however long the text is.
 * It fails closed: an error of a rule reaches the caller in place of the text.
 */
export class TextRedactor {
  private readonly redactor = new Redactor();
  private pending = '';

  /** How many secrets were masked so far. */
  get count(): number {
    return this.redactor.count;
  }

  /** The lines that `piece` completes, masked. */
  push(piece: string): string {
    const lineEnd = piece.lastIndexOf('\n') + 1;
    const end = lineEnd > 0 ? this.pending.length + lineEnd : this.endOfEndlessLine(piece);
    this.pending += piece;
    if (end === 0) return '';
    const whole = this.pending.slice(0, end);
    this.pending = this.pending.slice(end);
    return this.mask(whole);
  }

  /** What is left: a last line without its line end. */
  end(): string {
    const rest = this.pending;
    this.pending = '';
    return rest === '' ? '' : this.mask(rest);
  }

  /** Where to cut a line that grew too long without ending; 0 while it did not. */
  private endOfEndlessLine(piece: string): number {
    const length = this.pending.length + piece.length;
    if (length < MAX_LINE_CHARS) return 0;
    const blank = piece.lastIndexOf(' ') + 1;
    return blank > 0 ? this.pending.length + blank : length;
  }

  private mask(text: string): string {
    return text
      .split('\n')
      .map((line) => this.line(line))
      .join('\n');
  }

  private line(line: string): string {
    if (line === '') return '';
    const end = line.endsWith('\r') ? '\r' : '';
    const plain = stripControls(end === '' ? line : line.slice(0, -1));
    if (GAP.test(plain)) {
      this.redactor.afterGap();
      return plain + end;
    }
    const rules = rulesFor(plain);
    const textStart = this.redactor.needsTextStart(rules)
      ? plain.trimEnd().length - splitPrefix(plain, 'plain').text.length
      : 0;
    return this.redactor.line(plain, [...rules], textStart) + end;
  }
}

/** Masks every secret of a text that isn't read as a log (answers, messages); see `TextRedactor`. */
export function redactText(text: string): { text: string; redactions: number } {
  const redactor = new TextRedactor();
  return { text: redactor.push(text) + redactor.end(), redactions: redactor.count };
}
